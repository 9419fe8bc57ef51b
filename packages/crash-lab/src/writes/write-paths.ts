import { City } from '../model/city.ts'
import { Country } from '../model/country.ts'
import { cityIds, countryIds, spareCityIds } from './block.ts'
import * as inTransactions from './in-transactions.ts'
import { randomCity, randomName, someCities } from './random-rows.ts'
import { seedBlock, seedFanOut } from './seeding.ts'
import type { WriteContext } from './write-context.ts'

async function saveCity({ base, random }: WriteContext): Promise<void> {
  const city = await City.findByPk(random.pick(cityIds(base)))
  await city?.update({ name: randomName(random) })
}

async function moveCity({ base, random }: WriteContext): Promise<void> {
  const city = await City.findByPk(random.pick(cityIds(base)))
  const others = countryIds(base).filter((id) => id !== city?.countryId)
  await city?.update({ countryId: random.pick(others) })
}

async function destroyCity({ base, random }: WriteContext): Promise<void> {
  const city = await City.findByPk(random.pick(cityIds(base)))
  await city?.destroy()
}

async function createSomeCities(context: WriteContext): Promise<void> {
  const { base, random } = context
  const first = random.between(0, spareCityIds(base).length - 5)
  await City.bulkCreate(
    spareCityIds(base)
      .slice(first, first + 5)
      .map((id) => randomCity(context, id)),
  )
}

async function overwriteSomeCities(context: WriteContext): Promise<void> {
  const cities = someCities(context).map((id) => randomCity(context, id))
  await City.bulkCreate(cities, { updateOnDuplicate: ['name', 'population', 'countryId'] })
}

async function saveCountry({ base, random }: WriteContext): Promise<void> {
  const country = await Country.findByPk(base)
  await country?.update({ name: randomName(random) })
}

/** Every write path of the lab, by its name in the table. */
export const writePaths = {
  create: async (context) => {
    await City.create(randomCity(context, context.random.pick(spareCityIds(context.base))))
  },
  save: saveCity,
  move: moveCity,
  destroy: destroyCity,
  increment: async (context) => {
    await City.increment('population', { by: 7, where: { id: someCities(context) } })
  },
  upsert: async (context) => {
    await City.upsert(randomCity(context, context.random.pick(cityIds(context.base))))
  },
  findOrCreate: async (context) => {
    const city = randomCity(context, context.random.pick(spareCityIds(context.base)))
    await City.findOrCreate({ where: { id: city.id }, defaults: city })
  },
  bulkCreate: createSomeCities,
  'bulkCreate, updating': overwriteSomeCities,
  'Model.update': async (context) => {
    await City.update({ name: randomName(context.random) }, { where: { id: someCities(context) } })
  },
  'Model.destroy': async (context) => {
    await City.destroy({ where: { id: someCities(context) } })
  },
  transaction: inTransactions.severalWrites,
  savepoints: inTransactions.savepoints,
  'raw SQL': inTransactions.rawSql,
  'country.save': saveCountry,
  'Country.update': async ({ base, random }) => {
    await Country.update({ name: randomName(random) }, { where: { id: countryIds(base) } })
  },
  'Country.upsert': async ({ base, random }) => {
    await Country.upsert({ id: base, name: randomName(random) })
  },
  'Country.bulkCreate': async ({ base, random }) => {
    const countries = countryIds(base).map((id) => ({ id, name: randomName(random) }))
    await Country.bulkCreate(countries, { updateOnDuplicate: ['name'] })
  },
  'country in a transaction': inTransactions.renameCountry,
  'country with its cities': inTransactions.destroyCountry,
  seed: seedBlock,
  'seed fan-out': seedFanOut,
} satisfies Record<string, (context: WriteContext) => Promise<void>>
