import { countries } from 'countries-list'
import type { Sequelize } from 'sequelize'
import { Country } from '../models/country.ts'

/** Writes the countries, unless they are there. Their names may have been changed since: those stay. */
export async function loadCountries(sequelize: Sequelize): Promise<void> {
  if ((await Country.count()) > 0) return
  const now = new Date()
  const rows = Object.entries(countries).map(([code, { name }]) => ({
    code,
    name,
    created_at: now,
    updated_at: now,
  }))
  // Past the model, whose messages would have the Cascader announce every city a second time: there is none yet.
  await sequelize.getQueryInterface().bulkInsert(Country.tableName, rows)
}
