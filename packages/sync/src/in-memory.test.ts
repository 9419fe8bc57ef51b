import { silentLogger } from '@kt/core'
import { modelIndex } from '@kt/model-index'
import { memoryKafka, memorySearch } from '@kt/testing'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sqlite3Module } from '../../sequelize-stream/test/support/sqlite3-module.ts'
import { createSync } from './index.ts'
import type { Sync } from './index.ts'

type Brand = Model & { readonly id: number; readonly name: string }
type Product = Model & { readonly name: string; readonly brand?: Brand | null }

let Brand: ModelStatic<Brand>
let Product: ModelStatic<Product>
let kafka: ReturnType<typeof memoryKafka>
let search: ReturnType<typeof memorySearch>
let sync: Sync

beforeEach(async () => {
  const sequelize = new Sequelize({ dialect: 'sqlite', dialectModule: sqlite3Module, logging: false })
  Brand = sequelize.define<Brand>('brand', { name: DataTypes.TEXT })
  Product = sequelize.define<Product>('product', { name: DataTypes.TEXT })
  Product.belongsTo(Brand)
  await sequelize.sync()
  kafka = memoryKafka()
  search = memorySearch()
  const index = modelIndex(Product, {
    name: 'products',
    include: 'brand',
    document: ({ name, brand }) => ({ name, brand: brand?.name ?? null }),
  })
  sync = createSync({ kafka, search, sequelize, indexes: [index], logger: silentLogger })
  await sync.start()
  await sync.run({ signals: [] })
})
afterEach(() => sync.shutdown())

test('writes and cascades reach the index without Kafka and without a search engine', async () => {
  const brand = await Brand.create({ name: 'Before' })
  await Product.create({ name: 'Lamp', brandId: brand.id })
  await brand.update({ name: 'After' })
  await sync.whenCaughtUp()
  expect(search.documents('products')).toEqual({ 1: { name: 'Lamp', brand: 'After' } })
  expect(sync.isReady()).toBe(true)
})

test('a lost instant message is healed when the delay has passed', async () => {
  kafka.fail('products')
  await Product.create({ name: 'Chair' })
  kafka.restore('products')
  await sync.whenCaughtUp()
  expect(search.documents('products')).toEqual({})
  await kafka.clock.advance(300_000)
  expect(search.documents('products')).toMatchObject({ 1: { name: 'Chair' } })
})

test('a request reads its own write', async () => {
  const token = await sync.updateStreamer.track(async () => {
    await Product.create({ name: 'Desk' })
    return sync.updateStreamer.token()
  })
  expect(await sync.waitForIndexed(token, 'products')).toBe('indexed')
  expect(search.documents('products')).toMatchObject({ 1: { name: 'Desk' } })
})

test('what asks Kafka itself is refused', async () => {
  await expect(sync.status()).rejects.toMatchObject({ code: 'KT_OPTION_INVALID' })
})
