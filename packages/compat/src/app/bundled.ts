import pg from 'pg'
import { main } from './write-report.ts'

// The entry point of bundles. Bundlers can't see which driver Sequelize will load, so the driver is passed in.
void main({ dialectModule: pg })
