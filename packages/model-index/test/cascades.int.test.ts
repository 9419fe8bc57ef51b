import { expect, test } from 'vitest'
import { RandomWrites } from './support/random-writes.ts'
import { differences } from './support/differences.ts'
import { everything, lean, namesOf } from './support/shops.ts'
import { openStage } from './support/stage.ts'

const file = import.meta.url

test.each([
  [1, 'all attributes', { include: everything }],
  [2, 'few attributes', lean],
])(
  'after random writes, seed %i, every document with %s equals the database',
  { timeout: 120_000 },
  async (seed, _, query) => {
    await using stage = await openStage(file, { ...query, document: namesOf })
    const writes = new RandomWrites(stage.sequelize, stage.models, seed)
    const found: unknown[] = []
    for (let part = 1; part <= 2; part++) {
      for (let count = 0; count < 100; count++) await writes.write()
      found.push(...(await differences(stage)))
    }
    expect(found).toEqual([])
  },
)

test('a deleted parent whose key is not its primary key reaches the documents', async () => {
  await using stage = await openStage(file, { include: everything, document: namesOf })
  const { Currency, Country, City, Shop } = stage.models
  const euro = await Currency.create({ name: 'euro', code: 'EUR' })
  const country = await Country.create({ name: 'Germany', currencyCode: 'EUR' })
  const city = await City.create({ name: 'Bonn', countryId: country.id })
  await Shop.create({ name: 'Lamps', cityId: city.id })
  expect(await differences(stage)).toEqual([])
  await euro.destroy()
  expect(await differences(stage)).toEqual([])
  await Currency.create({ name: 'new euro', code: 'EUR' })
  expect(await differences(stage)).toEqual([])
})
