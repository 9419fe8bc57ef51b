import { Sequelize } from 'sequelize'
import { initCity } from './city.ts'
import { initCountry } from './country.ts'

/** The tables. The lab creates them itself, so that no role needs to be running. */
export const schema = `
  CREATE TABLE countries (id integer PRIMARY KEY, name text NOT NULL);
  CREATE TABLE cities (
    id integer PRIMARY KEY,
    name text NOT NULL,
    population integer NOT NULL,
    country_id integer NOT NULL REFERENCES countries
  );
  CREATE INDEX ON cities (country_id, id);
`

/** Without these timeouts, a client waits forever for an answer over a connection that was lost silently. */
const dialectOptions = { query_timeout: 10_000, connectionTimeoutMillis: 5_000 }

/** Connects the models to a database. Does no I/O yet. */
export function openDatabase(url: string): Sequelize {
  const sequelize = new Sequelize(url, { logging: false, dialectOptions, pool: { max: 8, acquire: 30_000 } })
  initCountry(sequelize)
  initCity(sequelize)
  return sequelize
}
