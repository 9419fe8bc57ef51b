import { City } from '../model/city.ts'
import { Country } from '../model/country.ts'
import { cityIds, countryIds } from './block.ts'
import { randomCity, randomName } from './random-rows.ts'
import type { WriteContext } from './write-context.ts'

/** Number of cities in the one country of a fan-out. */
export const fanOut = 10_000

/** Some of the rows may exist from an earlier attempt that failed. */
const again = { ignoreDuplicates: true }

/** Creates the rows that a block starts with. */
export async function seedBlock(context: WriteContext): Promise<void> {
  await seedCountries(context)
  const cities = cityIds(context.base).map((id) => randomCity(context, id))
  await City.bulkCreate(cities, again)
}

/** Larger transactions would idle for longer than the short delay allows while Kafka accepts their messages. */
const chunkSize = 500

/** Creates a block whose first country has 10,000 cities, and the others none. */
export async function seedFanOut(context: WriteContext): Promise<void> {
  const { base } = context
  await seedCountries(context)
  for (let first = base; first < base + fanOut; first += chunkSize) {
    const ids = Array.from({ length: chunkSize }, (_, index) => first + index)
    const cities = ids.map((id) => ({ ...randomCity(context, id), countryId: base }))
    await City.bulkCreate(cities, again)
  }
}

async function seedCountries({ base, random }: WriteContext): Promise<void> {
  const countries = countryIds(base).map((id) => ({ id, name: randomName(random) }))
  await Country.bulkCreate(countries, again)
}
