import { Sequelize } from 'sequelize'
import { settings } from '../settings.ts'

export const sequelize = new Sequelize(settings.databaseUrl, {
  logging: false,
  pool: { max: 10, acquire: 5_000 },
  // Without these timeouts, a client waits forever for an answer over a connection that was lost silently.
  dialectOptions: { connectionTimeoutMillis: 5_000, query_timeout: 60_000 },
})
