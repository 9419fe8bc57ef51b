import { countries } from 'countries-list'
import { Country } from '../models/country.ts'

/** Writes the countries, unless they are there. Their names may have been changed since: those stay. */
export async function loadCountries(): Promise<void> {
  if ((await Country.count()) > 0) return
  await Country.bulkCreate(Object.entries(countries).map(([code, { name }]) => ({ code, name })))
}
