import { describe, expect, test } from 'vitest'
import { openShop } from '../test/support/shop.ts'

const fiveMinutes = 300_000

describe.each(['memory', 'file'] as const)('an application on SQLite (%s)', (database) => {
  test('the search document follows the record', async () => {
    const { kafka, search, Product } = await openShop(database)
    const desk = await Product.create({ name: 'Desk' })
    await kafka.whenCaughtUp()
    expect(search.documents('products')).toEqual({ 1: { name: 'Desk', brand: null } })
    await desk.update({ name: 'Table' })
    await kafka.whenCaughtUp()
    expect(search.documents('products')).toEqual({ 1: { name: 'Table', brand: null } })
    await desk.destroy()
    await kafka.whenCaughtUp()
    expect(search.documents('products')).toEqual({})
  })

  test('a change of a brand reaches its products', async () => {
    const { kafka, search, Brand, Product } = await openShop(database)
    const brand = await Brand.create({ name: 'Oak' })
    await Product.bulkCreate(['Desk', 'Chair'].map((name) => ({ name, brandId: brand.id })))
    await kafka.whenCaughtUp()
    await brand.update({ name: 'Pine' })
    await kafka.whenCaughtUp()
    expect(search.documents('products')).toEqual({
      1: { name: 'Desk', brand: 'Pine' },
      2: { name: 'Chair', brand: 'Pine' },
    })
  })

  test('when an instant message is lost, the delay message heals the index', async () => {
    const { kafka, search, Product } = await openShop(database)
    kafka.fail('products')
    await Product.create({ name: 'Desk' })
    await kafka.whenCaughtUp()
    kafka.restore()
    await kafka.clock.advance(fiveMinutes - 1_000)
    expect(search.documents('products')).toEqual({})
    await kafka.clock.advance(1_000)
    expect(search.documents('products')).toEqual({ 1: { name: 'Desk', brand: null } })
  })

  test('a transaction that is rolled back sends nothing', async () => {
    const { kafka, search, sequelize, Product } = await openShop(database)
    const failing = sequelize.transaction(async (transaction) => {
      await Product.create({ name: 'Desk' }, { transaction })
      throw new Error('changed my mind')
    })
    await expect(failing).rejects.toThrow('changed my mind')
    await kafka.clock.advance(fiveMinutes)
    expect(kafka.messages('products')).toEqual([])
    expect(kafka.messages('delay_5m')).toEqual([])
    expect(search.documents('products')).toEqual({})
  })

  test('when Kafka is away, a write is rejected and rolled back', async () => {
    const { kafka, Product } = await openShop(database)
    kafka.fail()
    await expect(Product.create({ name: 'Desk' })).rejects.toMatchObject({
      code: 'KT_DELAY_NOT_ACKNOWLEDGED',
      retryable: true,
    })
    kafka.restore()
    expect(await Product.count()).toBe(0)
    await Product.create({ name: 'Desk' })
    await kafka.whenCaughtUp()
    expect(kafka.messages('products')).toHaveLength(1)
  })

  test('many writes in a row are all there, gathered or not', async () => {
    const { kafka, search, Product, indexer } = await openShop(database)
    for (let id = 1; id <= 50; id++) await Product.create({ name: `Desk ${id}` })
    await kafka.whenCaughtUp()
    expect(Object.keys(search.documents('products'))).toHaveLength(50)
    await indexer.whenCaughtUp()
    expect(await indexer.lag()).toBe(0n)
    await kafka.clock.advance(fiveMinutes)
    expect(kafka.messages('products')).toHaveLength(100)
  })
})
