import { countries } from 'countries-list'
import type { Sequelize } from 'sequelize'
import { Country } from '../models/country.ts'

/** Writes the countries unless they exist. Keeps names that were changed since. */
export async function loadCountries(sequelize: Sequelize): Promise<void> {
  if ((await Country.count()) > 0) return
  const now = new Date()
  const rows = Object.entries(countries).map(([code, { name }]) => ({
    code,
    name,
    created_at: now,
    updated_at: now,
  }))
  // Bypasses the model, because its messages would make the Cascader send every city a second time.
  await sequelize.getQueryInterface().bulkInsert(Country.tableName, rows)
}
