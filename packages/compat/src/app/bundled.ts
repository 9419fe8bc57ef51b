import pg from 'pg'
import { main } from './write-report.ts'

// The entry of bundles: bundlers don't see which driver Sequelize would load, so it is handed over.
void main({ dialectModule: pg })
