import { setTimeout } from 'node:timers/promises'
import { gate } from 'testkit'
import { modelIndex } from '@kt/model-index'
import { Op } from 'sequelize'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ReindexProgress } from '../src/index.ts'
import { openStage } from './support/stage.ts'
import type { ProductIndex, Stage } from './support/stage.ts'
import { startWriters } from './support/writers.ts'

const products = 300
const right = { missing: 0, stale: 0, orphaned: 0, duplicate: 0, unbuildable: 0 }

let stage: Stage
/** The version of the documents, a higher one in each test. */
let version = 0
let index: ProductIndex
beforeAll(async () => {
  stage = await openStage(import.meta.url, { products })
})
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  index = stage.newIndex((version += 10))
})

const activeIndexes = async (): Promise<string[]> =>
  Object.keys(await stage.client.indices.getAlias({ name: stage.alias }).catch(() => ({})))

test('a table that was there before streaming is indexed by one call, and the second call does nothing', async () => {
  const reindexer = stage.newReindexer(index)
  const first = await reindexer.ensure()
  expect(first).toMatchObject({ changed: true, report: { ...right, documents: products, records: products } })
  expect(first.generation).toMatch(new RegExp(`^${stage.alias}-[0-9a-f]{8}-1$`, 'u'))
  expect(await activeIndexes()).toEqual([first.generation])
  expect(await reindexer.ensure()).toEqual({ generation: first.generation, changed: false })
  expect(await reindexer.generations()).toHaveLength(1)
  const { [first.generation]: created } = await stage.client.indices.get({ index: first.generation })
  expect(created?.settings?.index).toMatchObject({ gc_deletes: '10m', number_of_shards: '2' })
  expect(created?.mappings).toMatchObject({ dynamic: 'false' })
})

test('tells its steps, with counts and a rate', async () => {
  const heard: ReindexProgress[] = []
  await stage.newReindexer(index, { pageSize: 100 }).ensure({ onProgress: (each) => heard.push(each) })
  expect([...new Set(heard.map(({ step }) => step))]).toEqual([
    'filling',
    'catching-up',
    'comparing',
    'switching',
  ])
  const filling = heard.filter(({ step }) => step === 'filling')
  expect(filling.at(-1)).toMatchObject({ done: products, total: products })
})

test('searches see all products at any time while the index is built again, under writes of all kinds', async () => {
  await using workers = stage.newReindexer(stage.newIndex(version - 10))
  await workers.run()
  const writers = startWriters(stage.Product)
  const searching = new AbortController()
  const counts: number[] = []
  const search = async (): Promise<void> => {
    while (!searching.signal.aborted) {
      const { count } = await stage.client.count({
        index: stage.alias,
        query: { range: { id: { lte: 100 } } },
      })
      counts.push(count)
      await setTimeout(5)
    }
  }
  const searches = search()
  const reindexer = stage.newReindexer(index, { pageSize: 20, previous: [stage.newIndex(version - 10)] })
  const before = await activeIndexes()
  const { generation, report } = await reindexer.ensure()
  searching.abort()
  await searches
  await writers.stop()
  expect(report).toMatchObject(right)
  expect(counts.length).toBeGreaterThan(10)
  // The products up to 100 are never deleted.
  expect(new Set(counts)).toEqual(new Set([100]))
  expect(await activeIndexes()).toEqual([generation])
  await reindexer.run()
  await stage.flush()
  await reindexer.whenCaughtUp()
  expect(await stage.compare(index)).toMatchObject(right)
  // The former generation was kept up to date.
  expect(await stage.compare(stage.newIndex(version - 10), before[0])).toMatchObject(right)
})

describe('rollback', () => {
  test('gives the alias back to the former generation, which is current', async () => {
    const former = stage.newIndex(version - 10)
    const reindexer = stage.newReindexer(index, { previous: [former] })
    const before = await activeIndexes()
    const { generation } = await reindexer.ensure()
    await stage.Product.update({ name: 'after the switch' }, { where: { id: 7 } })
    await stage.Product.destroy({ where: { id: 200 } })
    await stage.flush()
    expect(await reindexer.rollback()).toMatchObject({ name: before[0], isActive: true })
    expect(await activeIndexes()).toEqual(before)
    expect(await stage.compare(former)).toMatchObject(right)
    // The next call makes the wanted index active again, without filling it again.
    const steps = new Set<string>()
    const again = await reindexer.ensure({ onProgress: ({ step }) => steps.add(step) })
    expect(again).toMatchObject({ generation, changed: true, report: right })
    expect([...steps]).toEqual(['catching-up', 'comparing', 'switching'])
  })

  test('to a generation that nobody kept up to date finds what Kafka no longer has', async () => {
    const { scope, topic } = stage
    const former = stage.newIndex(version - 5)
    const { generation } = await stage.newReindexer(former).ensure()
    await stage.newReindexer(index).ensure()
    await stage.Product.update({ name: 'missed' }, { where: { id: 9 } })
    await stage.Product.destroy({ where: { id: 10 } })
    await stage.flush()
    const admin = scope.kafka().admin()
    await admin.connect()
    const partitions = [0, 1].map((partition) => ({ partition, offset: '-1' }))
    // Loads the metadata, which deleteTopicRecords doesn't.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions })
    await admin.disconnect()
    // A worker that goes on behind the gap must not hide it.
    await using worker = stage.newReindexer(index, { previous: [former] })
    await worker.run()
    await worker.whenCaughtUp()
    expect(await worker.rollback()).toMatchObject({ name: generation })
    expect(await stage.compare(former)).toMatchObject(right)
  })

  test('is refused for a generation whose definition is unknown', async () => {
    const reindexer = stage.newReindexer(index)
    await reindexer.ensure()
    await expect(reindexer.rollback()).rejects.toMatchObject({
      code: 'KT_REINDEX_REFUSED',
      message: expect.stringContaining('previous') as string,
    })
  })
})

test('a run that was ended is continued after the last page, and not from the beginning', async () => {
  const ending = new AbortController()
  const ended = stage.newReindexer(index, { pageSize: 50, recordsPerSecond: 200 }).ensure({
    signal: ending.signal,
    onProgress: ({ step, done = 0 }) => step === 'filling' && done >= 100 && ending.abort(),
  })
  await expect(ended).rejects.toMatchObject({ code: 'KT_ABORTED' })
  const [before] = await activeIndexes()
  const heard: ReindexProgress[] = []
  const reindexer = stage.newReindexer(index)
  const { generation } = await reindexer.ensure({ onProgress: (each) => heard.push(each) })
  expect(heard[0]).toMatchObject({ step: 'filling', generation })
  expect(heard[0]?.done).toBeGreaterThanOrEqual(100)
  expect(generation).not.toBe(before)
  expect(await stage.compare(index)).toMatchObject(right)
})

test('two processes at the same time build one index', async () => {
  const one = stage.newReindexer(index, { recordsPerSecond: 200, refreshMs: 1_000 })
  const filling = gate()
  const first = one.ensure({ onProgress: ({ step }) => step === 'filling' && filling.open() })
  await filling.opened
  const steps = new Set<string>()
  const second = await stage
    .newReindexer(index, { refreshMs: 1_000 })
    .ensure({ onProgress: ({ step }) => steps.add(step) })
  const { generation } = await first
  expect(second).toEqual({ generation, changed: false })
  expect([...steps]).toEqual(['waiting'])
})

test('a worker feeds generations that are made later, and says which ones it cannot feed', async () => {
  const errors: string[] = []
  const logger = {
    debug: () => {},
    info: () => {},
    warn: (text: string) => errors.push(text),
    error: (text: string) => errors.push(text),
  }
  // A former release has built an index that this worker doesn't know.
  await stage.newReindexer(stage.newIndex(version - 5)).ensure()
  await using worker = stage.newReindexer(index, { logger })
  await worker.run()
  expect(errors).toContain('This process does not keep an index up to date')
  const { generation } = await stage.newReindexer(index).ensure()
  await stage.Product.update({ name: 'fed by the worker' }, { where: { id: 8 } })
  await stage.flush()
  const sourceOf = async (): Promise<unknown> =>
    (await stage.client.get({ index: generation, id: '8' }))._source
  await expect.poll(sourceOf, { timeout: 30_000 }).toMatchObject({ name: 'fed by the worker' })
  await expect.poll(() => worker.isReady(), { timeout: 30_000 }).toBe(true)
})

test('drops what is no longer needed, and never the index that is searched', async () => {
  const reindexer = stage.newReindexer(index)
  const { generation } = await reindexer.ensure()
  await expect(reindexer.drop({ generation })).rejects.toMatchObject({ code: 'KT_REINDEX_REFUSED' })
  await expect(reindexer.drop({ generation: 'other' })).rejects.toMatchObject({ code: 'KT_OPTION_INVALID' })
  expect((await reindexer.drop()).length).toBeGreaterThan(0)
  expect((await reindexer.generations()).map(({ name }) => name)).toEqual([generation])
})

test('a late deployment of an older release moved the alias back', async () => {
  await stage.newReindexer(index).ensure()
  const active = await activeIndexes()
  const older = stage.newReindexer(stage.newIndex(version - 5))
  expect(await older.plan()).toMatchObject({ action: 'refuse', active: active[0] })
  await expect(older.ensure()).rejects.toMatchObject({ code: 'KT_REINDEX_REFUSED' })
  expect(await activeIndexes()).toEqual(active)
  expect(await older.ensure({ olderVersion: true })).toMatchObject({ changed: true })
})

test('a missing table kept a re-index waiting for ever', async () => {
  const reindexer = stage.newReindexer(index)
  await stage.sequelize.query('ALTER TABLE "Products" RENAME TO "Others"')
  try {
    await expect(reindexer.ensure()).rejects.toMatchObject({ cause: { original: { code: '42P01' } } })
  } finally {
    await stage.sequelize.query('ALTER TABLE "Others" RENAME TO "Products"')
  }
  expect(await reindexer.ensure()).toMatchObject({ changed: true })
})

test('records that do not belong in an index that requires a routing were given up', async () => {
  const { Product, alias, scope, topic } = stage
  const hidden = await Product.create({ name: 'hidden' })
  await stage.flush()
  const before = (await scope.readTopic(`${topic}.dead-letter`)).length
  const index = modelIndex(Product, {
    name: `${alias}-routed`,
    where: { name: { [Op.ne]: 'hidden' } },
    mappings: { dynamic: false, _routing: { required: true } },
    settings: { number_of_shards: 2, number_of_replicas: 0 },
    document: ({ id, name }) => ({ id, name }),
    options: (subject, _operation) => ({ routing: 'name' in subject ? (subject.name as string) : undefined }),
  })
  const { report } = await stage.newReindexer(index).ensure()
  expect(report).toMatchObject({ missing: 0, orphaned: 0, documents: (await Product.count()) - 1 })
  expect(await scope.readTopic(`${topic}.dead-letter`)).toHaveLength(before)
  await hidden.destroy()
})
