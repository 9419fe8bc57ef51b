import { silentLogger } from '@kt/core'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { col, Op, Sequelize } from 'sequelize'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { MemoryProducer } from 'testkit/doubles'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { coverage, modelIndex } from '../src/index.ts'
import { defineShops } from './support/shops.ts'
import type { AnyRecord, Shops } from './support/shops.ts'

let scope: TestScope
let sequelize: Sequelize
let models: Shops

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  sequelize = new Sequelize(scope.databaseUrl, { logging: false })
  models = defineShops(sequelize)
  await sequelize.sync()
  const city = await models.City.create({ name: 'Bonn' })
  await models.Shop.create({ name: 'Lamps', cityId: city.id })
  const updateStreamer = new UpdateStreamer({ producer: new MemoryProducer(), logger: silentLogger })
  for (const model of [models.Shop, models.City, models.Review]) updateStream(model, { updateStreamer })
})
afterAll(async () => {
  await sequelize.close()
  await scope.close()
})

test('reports no gaps for a complete index, and what its documents read', async () => {
  const index = modelIndex(models.Shop, {
    name: 'shops',
    include: ['city'],
    document: (shop) => ({ name: shop['name'], city: (shop['city'] as AnyRecord).get('name') }),
  })
  expect(await coverage(index)).toEqual({
    index: 'shops',
    sampled: 1,
    gaps: [],
    reads: { Shop: ['name'], City: ['name'] },
  })
})

test('finds models that are not streamed, also those in between', async () => {
  const index = modelIndex(models.Shop, { name: 'shops', include: ['tags'], document: () => ({}) })
  const { gaps } = await coverage(index)
  expect(gaps.map(({ kind, model }) => `${kind} ${model}`)).toEqual([
    'not-streamed ShopTag',
    'not-streamed Tag',
  ])
})

test('finds associations that are not included or loaded on their own, and attributes that are not loaded', async () => {
  const index = modelIndex(models.Shop, {
    name: 'shops',
    attributes: ['name'],
    document: async (shop) => ({
      name: shop['name'],
      cityId: shop['cityId'],
      city: shop['city'],
      reviews: await (shop as unknown as { countReviews(): Promise<number> }).countReviews(),
    }),
  })
  const { gaps } = await coverage(index)
  expect(gaps.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
    'not-included city',
    'not-included reviews',
    'not-loaded cityId',
  ])
  expect(gaps.every(({ fix }) => fix.length > 0)).toBe(true)
})

test.each([
  ['by its name in a key', { '$city.name$': 'Bonn' }],
  ['by a column in a value', { name: { [Op.ne]: col('city.name') } }],
])('ids and samples of a condition on an included record failed, %s', async (_, where) => {
  const index = modelIndex(models.Shop, { name: 'shops', include: ['city'], where, document: () => ({}) })
  for await (const page of index.ids({ pageSize: 10 })) expect(page).toHaveLength(1)
  expect(await index.count()).toBe(1)
  expect(await index.sample(10)).toHaveLength(1)
})
