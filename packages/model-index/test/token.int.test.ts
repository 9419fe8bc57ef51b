import { KtError } from '@kt/core'
import type { Transaction } from 'sequelize'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { everything, namesOf } from './support/shops.ts'
import type { AnyRecord } from './support/shops.ts'
import { openStage } from './support/stage.ts'
import type { Stage } from './support/stage.ts'

let stage: Stage

/** Records of this name can't be made into documents. */
const impossible = 'impossible'

beforeAll(async () => {
  stage = await openStage(import.meta.url, {
    include: everything,
    document: (shop: AnyRecord) => {
      const { name, city } = shop as { name?: string; city?: { name: string } }
      if (name === impossible || city?.name === impossible) throw new Error('It has no document')
      return namesOf(shop)
    },
  })
})
afterAll(() => stage[Symbol.asyncDispose]())

/** Runs writes, and returns the token of their transaction. */
async function tokenOf(work: (transaction: Transaction) => Promise<unknown>): Promise<string> {
  const { sequelize, updateStreamer } = stage
  const transaction = await sequelize.transaction()
  await work(transaction)
  await transaction.commit()
  return updateStreamer.token(transaction)
}

/** Enough to find a race by chance sometimes; `ROUNDS=10000` finds it surely. */
const rounds = Number(process.env['ROUNDS'] ?? 100)

test(`${rounds} changes are in the index when their tokens say so`, { timeout: 1_800_000 }, async () => {
  const { models, updateStreamer, monitor, document } = stage
  const { Shop } = models
  const early: unknown[] = []
  const outcomes = new Set<string>()
  const round = async (shop: AnyRecord, number: number): Promise<void> => {
    const name = `name ${number}`
    const token = await updateStreamer.track(async () => {
      if (number % 10 === 9) await shop.destroy()
      else if (number % 10 === 0) await Shop.create({ id: shop.id, name })
      else if (number % 3 === 0) await Shop.update({ name }, { where: { id: shop.id } })
      else await shop.update({ name })
      return updateStreamer.token()
    })
    outcomes.add(await monitor.waitForIndexed(token, { timeoutMs: 60_000 }))
    const found = await document(shop.id)
    const expected = number % 10 === 9 ? undefined : { id: shop.id, name }
    if (JSON.stringify(found) !== JSON.stringify(expected)) early.push({ found, expected })
  }
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    const shop = await Shop.create({ id: 1_000 + writer, name: 'new' })
    for (let number = 1; number <= rounds / 8; number++) await round(shop, number)
  })
  await Promise.all(writers)
  expect(early).toEqual([])
  expect([...outcomes]).toEqual(['indexed'])
})

describe('a token', () => {
  test('covers all writes of a transaction, and those that reach the index by a cascade', async () => {
    const { models, monitor, document } = stage
    const { City, Shop } = models
    const token = await tokenOf(async (transaction) => {
      await City.create({ id: 1, name: 'Bonn' }, { transaction })
      await Shop.bulkCreate([{ id: 1, name: 'Lamps', cityId: 1 }], { transaction })
    })
    expect(token).toMatch(/^[\w-]{1,400}$/)
    expect(await monitor.waitForIndexed(token)).toBe('indexed')
    expect(await document(1)).toMatchObject({ name: 'Lamps', city: { name: 'Bonn' } })
    const renamed = await tokenOf((transaction) =>
      City.update({ name: 'Köln' }, { where: { id: 1 }, transaction }),
    )
    expect(await monitor.waitForIndexed(renamed)).toBe('indexed')
    expect(await document(1)).toMatchObject({ city: { name: 'Köln' } })
  })

  test('with refresh, resolves when a search shows the change', async () => {
    const { models, monitor, scope } = stage
    const token = await tokenOf((transaction) =>
      models.Shop.create({ id: 2, name: 'Books' }, { transaction }),
    )
    expect(await monitor.waitForIndexed(token, { refresh: true })).toBe('indexed')
    const { hits } = await scope.elasticsearch.search({
      index: scope.index('shops'),
      query: { ids: { values: ['2'] } },
    })
    expect(hits.hits).toMatchObject([{ _source: { name: 'Books' } }])
  })

  test('says that a change has failed, and only that one', async () => {
    const { models, monitor } = stage
    const bad = await tokenOf((transaction) =>
      models.Shop.create({ id: 3, name: impossible }, { transaction }),
    )
    const good = await tokenOf((transaction) => models.Shop.create({ id: 4, name: 'good' }, { transaction }))
    const wait = { timeoutMs: 30_000 }
    expect(await monitor.waitForIndexed(bad, wait)).toBe('failed')
    expect(await monitor.waitForIndexed(good, wait)).toBe('indexed')
  })

  test('says that a record that depends on the change has failed', async () => {
    const { models, monitor, document } = stage
    const { City, Shop } = models
    const rename = (id: number, name: string): Promise<string> =>
      tokenOf((transaction) => City.update({ name }, { where: { id }, transaction }))
    const wait = { timeoutMs: 30_000 }
    const cities = [71, 72].map((id) => ({ id, name: 'Bonn' }))
    await City.bulkCreate(cities)
    await Shop.bulkCreate(cities.map(({ id }) => ({ id, name: 'Lamps', cityId: id })))
    expect(await monitor.waitForIndexed(await rename(71, impossible), wait)).toBe('failed')
    expect(await monitor.waitForIndexed(await rename(72, 'Ulm'), wait)).toBe('indexed')
    expect(await document(72)).toMatchObject({ city: { name: 'Ulm' } })
    expect(await monitor.waitForIndexed(await rename(71, 'Köln'), wait)).toBe('indexed')
    expect(await document(71)).toMatchObject({ city: { name: 'Köln' } })
  })

  test('says that a record has been changed again, if asked', async () => {
    const { models, monitor, updateStreamer } = stage
    const { Shop } = models
    const ask = { timeoutMs: 30_000, superseded: true }
    const first = await tokenOf(async (transaction) => {
      await Shop.create({ id: 81, name: 'first' }, { transaction })
      await Shop.create({ id: 82, name: 'alone' }, { transaction })
    })
    expect(await monitor.waitForIndexed(first, ask)).toBe('indexed')
    const second = await tokenOf((transaction) =>
      Shop.bulkCreate(
        [80, 81].map((id) => ({ id, name: 'second' })),
        { updateOnDuplicate: ['name'], transaction },
      ),
    )
    expect(await monitor.waitForIndexed(second, ask)).toBe('indexed')
    expect(await monitor.waitForIndexed(first, ask)).toBe('superseded')
    expect(await monitor.waitForIndexed(first)).toBe('indexed')
    // Both in one token: the later one is the one that was waited for.
    const both = await updateStreamer.track(async () => {
      await Shop.update({ name: 'third' }, { where: { id: 82 } })
      await Shop.update({ name: 'fourth' }, { where: { id: 82 } })
      return updateStreamer.token()
    })
    expect(await monitor.waitForIndexed(both, ask)).toBe('indexed')
  })

  test('says when no change concerns the index', async () => {
    const { sequelize, models, monitor } = stage
    const nothing = await tokenOf(() => models.Shop.count())
    expect(await monitor.waitForIndexed(nothing)).toBe('unaffected')
    const undone = await sequelize.transaction()
    await models.Shop.create({ id: 5, name: 'undone' }, { transaction: undone })
    await undone.rollback()
    expect(await monitor.waitForIndexed(await stage.updateStreamer.token(undone))).toBe('unaffected')
  })

  test('needs a transaction that has committed, or track()', async () => {
    const { sequelize, models, updateStreamer, monitor } = stage
    const invalid: unknown = expect.objectContaining({ code: 'KT_OPTION_INVALID' })
    await sequelize.transaction(async (transaction) => {
      await models.Shop.create({ id: 6, name: 'open' }, { transaction })
      await expect(updateStreamer.token(transaction)).rejects.toEqual(invalid)
    })
    await expect(updateStreamer.token()).rejects.toEqual(invalid)
    for (const token of ['', 'x', 'bnVsbA', undefined as unknown as string])
      await expect(monitor.waitForIndexed(token)).rejects.toSatisfy((error) =>
        KtError.isInstance(error, 'KT_TOKEN_INVALID'),
      )
  })

  test('of an outer call covers the transactions of inner ones', async () => {
    const { models, updateStreamer, monitor } = stage
    const token = await updateStreamer.track(async () => {
      await updateStreamer.track(() => models.Shop.create({ id: 7, name: 'inner' }))
      return updateStreamer.token()
    })
    expect(await monitor.waitForIndexed(token)).toBe('indexed')
    expect(await stage.document(7)).toMatchObject({ name: 'inner' })
  })
})

test('without an Indexer, a change is not indexed yet, and the index is behind', async () => {
  const { models, monitor, indexer } = stage
  expect(await indexer.isBehind()).toBe(false)
  await indexer.close()
  const token = await tokenOf((transaction) => models.Shop.create({ id: 8, name: 'late' }, { transaction }))
  expect(await monitor.waitForIndexed(token, { timeoutMs: 200 })).toBe('not-yet')
  expect(await monitor.isBehind({ ageMs: 60_000 })).toBe(false)
  expect(await monitor.isBehind({ ageMs: 0 })).toBe(true)
})
