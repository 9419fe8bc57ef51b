import './city.ts'
import './load-state.ts'
import { sequelize } from './database.ts'

/** Creates the tables that don't exist. */
export async function createTables(): Promise<void> {
  await sequelize.sync()
}
