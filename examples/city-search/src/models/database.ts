import { Sequelize } from 'sequelize'
import { initCity } from './city.ts'
import { initCountry } from './country.ts'
import { initLoadState } from './load-state.ts'

/** Connects the models to a database. Does no I/O yet. */
export function openDatabase(url: string): Sequelize {
  const sequelize = new Sequelize(url, {
    logging: false,
    pool: { max: 10, acquire: 5_000 },
    // Without these timeouts, a client waits forever for an answer over a connection that was lost silently.
    dialectOptions: { connectionTimeoutMillis: 5_000, query_timeout: 60_000 },
  })
  initCountry(sequelize)
  initCity(sequelize)
  initLoadState(sequelize)
  return sequelize
}
