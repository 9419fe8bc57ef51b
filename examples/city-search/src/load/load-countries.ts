import { countries } from 'countries-list'
import { Country } from '../models/country.ts'

/** Writes the countries unless they exist. Keeps names that were changed since. */
export async function loadCountries(): Promise<void> {
  if ((await Country.count()) > 0) return
  await Country.bulkCreate(Object.entries(countries).map(([code, { name }]) => ({ code, name })))
}
