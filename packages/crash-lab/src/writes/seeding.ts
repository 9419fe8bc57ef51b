import { City } from '../model/city.ts'
import { Country } from '../model/country.ts'
import { cityIds, countryIds } from './block.ts'
import { randomCity, randomName } from './random-rows.ts'
import type { WriteContext } from './write-context.ts'

/** How many cities hang on the one country of a fan-out. */
export const fanOut = 10_000

/** A part of it may be there from an attempt that failed later. */
const again = { ignoreDuplicates: true }

/** The rows that a block begins with. */
export async function seedBlock(context: WriteContext): Promise<void> {
  await seedCountries(context)
  const cities = cityIds(context.base).map((id) => randomCity(context, id))
  await City.bulkCreate(cities, again)
}

/** Larger transactions would idle longer, while Kafka takes their messages, than the short delay allows. */
const chunkSize = 500

/** A block whose first country has 10,000 cities, and the others none. */
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
