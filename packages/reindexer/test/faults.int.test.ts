import { setTimeout } from 'node:timers/promises'
import { silentLogger } from '@kt/core'
import { Producer } from '@kt/producer'
import { gate } from 'testkit'
import type { Gate } from 'testkit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { EnsureOptions, ReindexerOptions } from '../src/index.ts'
import { openStage } from './support/stage.ts'
import type { Product, ProductIndex, Stage } from './support/stage.ts'

const right = { missing: 0, stale: 0, orphaned: 0, duplicate: 0, unbuildable: 0 }

let stage: Stage
/** The version of the documents, another one in each test. */
let version = 0
let index: ProductIndex
beforeAll(async () => {
  stage = await openStage(import.meta.url, { products: 60 })
})
afterAll(() => stage[Symbol.asyncDispose]())
beforeEach(() => {
  index = stage.newIndex(++version)
})

const ensure = (options?: EnsureOptions, more?: Partial<ReindexerOptions<Product>>) =>
  stage.newReindexer(index, more).ensure(options)

const activeIndexes = async (): Promise<string[]> =>
  Object.keys(await stage.client.indices.getAlias({ name: stage.alias }).catch(() => ({})))

/** An index whose backfill stops after its first read until the gate opens. Other reads go on. */
function heldAfterRead(): { readonly held: ProductIndex; readonly hasRead: Gate; readonly mayGoOn: Gate } {
  const hasRead = gate()
  const mayGoOn = gate()
  let reads = 0
  const load: ProductIndex['load'] = async (ids) => {
    const records = await index.load(ids)
    if (++reads > 1) return records
    hasRead.open()
    await mayGoOn.opened
    return records
  }
  return { held: { ...index, load }, hasRead, mayGoOn }
}

describe('races', () => {
  test('a stale read of the backfill does not overwrite an update', async () => {
    const { held, hasRead, mayGoOn } = heldAfterRead()
    const ensuring = stage.newReindexer(held).ensure()
    await hasRead.opened
    await stage.Product.update({ name: 'new' }, { where: { id: 1 } })
    await stage.flush()
    const generation = (await stage.newReindexer(index).generations()).at(-1)?.name ?? ''
    const sourceOf = async () =>
      (await stage.client.mget<{ name: string }>({ index: generation, ids: ['1'] })).docs.map((each) =>
        '_source' in each ? each._source?.name : undefined,
      )
    await expect.poll(sourceOf, { timeout: 30_000 }).toEqual(['new'])
    mayGoOn.open()
    expect((await ensuring).report).toMatchObject(right)
    expect(await sourceOf()).toEqual(['new'])
  })

  test('a record that is deleted after the backfill has read it does not come back', async () => {
    const { held, hasRead, mayGoOn } = heldAfterRead()
    const ensuring = stage.newReindexer(held).ensure()
    await hasRead.opened
    await stage.Product.destroy({ where: { id: 2 } })
    await stage.flush()
    mayGoOn.open()
    const { generation, report } = await ensuring
    expect(report).toMatchObject(right)
    expect(await stage.client.exists({ index: generation, id: '2' })).toBe(false)
  })
})

describe('what is not right is not switched to', () => {
  test('a record whose document cannot be built keeps the alias where it is', async () => {
    const before = await activeIndexes()
    await stage.sequelize.query(`UPDATE "Products" SET name = 'unbuildable' WHERE id = 3`)
    await expect(ensure()).rejects.toMatchObject({
      code: 'KT_REINDEX_DIFFERENT',
      message: expect.stringContaining('1 unbuildable') as string,
    })
    expect(await activeIndexes()).toEqual(before)
    await stage.sequelize.query(`UPDATE "Products" SET name = 'mended' WHERE id = 3`)
    // The same generation is continued.
    const { generation } = await ensure()
    expect(generation.endsWith(`-${version}`)).toBe(true)
    expect(await stage.compare(index)).toMatchObject(right)
  })

  test('a mapping that rejects all documents ends the run at once, and does not flood the dead letters', async () => {
    const { scope, topic } = stage
    const lettersBefore = (await scope.readTopic(`${topic}.dead-letter`)).length
    await stage.Product.bulkCreate(Array.from({ length: 150 }, () => ({ name: 'more' })))
    await stage.flush()
    index = stage.newIndex(version, { dynamic: 'strict' })
    await expect(ensure()).rejects.toMatchObject({
      code: 'KT_REINDEX_DIFFERENT',
      message: expect.stringContaining('compare the mappings with what document() returns') as string,
    })
    const letters = (await scope.readTopic(`${topic}.dead-letter`)).length - lettersBefore
    // Each record once by the backfill. The others may have been followed, too.
    expect(letters).toBeLessThanOrEqual(2 * 210)
    await stage.Product.destroy({ where: { name: 'more' } })
    await stage.flush()
  })

  test('a few documents that are rejected keep the alias where it is', async () => {
    index = stage.newIndex(version, {
      dynamic: 'strict',
      properties: { id: { type: 'byte' }, name: { type: 'text' }, version: { type: 'integer' } },
    })
    await stage.Product.create({ id: 5_000, name: 'does not fit a byte' } as never)
    await stage.flush()
    await expect(ensure()).rejects.toMatchObject({
      code: 'KT_REINDEX_DIFFERENT',
      message: expect.stringContaining('1 missing') as string,
    })
    await stage.Product.destroy({ where: { id: 5_000 } })
    await stage.flush()
    expect((await ensure()).report).toMatchObject(right)
  })

  test('a topic that does not exist is refused before anything is created', async () => {
    const before = (await stage.newReindexer(index).generations()).length
    const { scope } = stage
    const producer = new Producer({
      kafka: scope.kafka(),
      allowAutoTopicCreation: false,
      logger: silentLogger,
    })
    const ensuring = ensure({}, { topic: scope.topic('misspelt'), producer })
    await expect(ensuring).rejects.toMatchObject({ code: 'KT_PRODUCE_FAILED' })
    await producer.close()
    expect(await stage.newReindexer(index).generations()).toHaveLength(before)
  })

  test('a position that is wrong does no harm', async () => {
    const ending = new AbortController()
    await expect(
      ensure(
        { signal: ending.signal, onProgress: ({ step }) => step === 'filling' && ending.abort() },
        { recordsPerSecond: 20 },
      ),
    ).rejects.toMatchObject({ code: 'KT_ABORTED' })
    const generation = (await stage.newReindexer(index).generations()).at(-1)
    const kt = { ...generation?.state, phase: 'filling', after: 1_000_000, done: 60 }
    await stage.client.indices.putMapping({ index: generation?.name ?? '', _meta: { kt } })
    expect((await ensure()).report).toMatchObject(right)
    expect(await stage.compare(index)).toMatchObject(right)
  })
})

describe('refuses', () => {
  test('an index that has the name of the alias, unless it may be replaced', async () => {
    const { client } = stage
    const taken = stage.scope.index('taken')
    await client.indices.create({ index: taken })
    const reindexer = stage.newReindexer({ ...index, name: taken })
    await expect(reindexer.ensure()).rejects.toMatchObject({
      code: 'KT_REINDEX_REFUSED',
      message: expect.stringContaining('replaceIndex') as string,
    })
    const { generation } = await reindexer.ensure({ replaceIndex: true })
    expect(Object.keys(await client.indices.getAlias({ name: taken }))).toEqual([generation])
  })

  test('another database, unless it is said to be a new one', async () => {
    await ensure()
    const other = { ...index, database: () => Promise.resolve('staging') }
    await expect(stage.newReindexer(other).ensure()).rejects.toMatchObject({
      code: 'KT_REINDEX_REFUSED',
      message: expect.stringContaining('newDatabase') as string,
    })
    const { changed } = await stage.newReindexer(other).ensure({ newDatabase: true })
    expect(changed).toBe(true)
    await ensure({ newDatabase: true })
  })
})

test('a copy of an index is not believed', async () => {
  const { generation } = await ensure()
  const { client } = stage
  const all = await client.indices.get({ index: generation })
  const { state } =
    (await stage.newReindexer(index).generations()).find(({ name }) => name === generation) ?? {}
  await client.indices.putMapping({
    index: generation,
    _meta: { kt: { ...state, uuid: 'of another index' } },
  })
  expect(all).toHaveProperty([generation])
  const again = await ensure()
  expect(again.generation).not.toBe(generation)
  expect(await activeIndexes()).toEqual([again.generation])
})

test('an index that is deleted while it is filled ends the run, and the next one begins anew', async () => {
  const before = await activeIndexes()
  let deleting: Promise<unknown> | undefined
  const ensuring = ensure(
    {
      onProgress: ({ step, generation }) => {
        if (step === 'filling') deleting ??= stage.client.indices.delete({ index: generation })
      },
    },
    { recordsPerSecond: 10 },
  )
  await expect(ensuring).rejects.toMatchObject({ code: 'KT_GENERATION_MISSING', retryable: true })
  await deleting
  expect(await activeIndexes()).toEqual(before)
  expect((await ensure()).report).toMatchObject(right)
})

test('an alias that was lost meanwhile is reported, and set again', async () => {
  await ensure()
  index = stage.newIndex(++version)
  const errors: string[] = []
  const logger = { ...silentLogger, error: (message: string) => errors.push(message) }
  let removing: Promise<unknown> | undefined
  const [before = ''] = await activeIndexes()
  const { generation } = await ensure(
    {
      onProgress: ({ step }) => {
        if (step === 'filling')
          removing ??= setTimeout(500).then(() =>
            stage.client.indices.deleteAlias({ index: before, name: stage.alias }),
          )
      },
    },
    { recordsPerSecond: 20, logger },
  )
  await removing
  expect(await activeIndexes()).toEqual([generation])
  expect(errors).toContain('The alias was changed while its index is built again')
})

test('an index that is closed while it is filled is reported, and filled on when it is open again', async () => {
  const errors: (readonly [string, unknown])[] = []
  const logger = {
    ...silentLogger,
    error: (message: string, fields?: object) => errors.push([message, fields]),
  }
  let name: string | undefined
  let closing: Promise<unknown> | undefined
  const ensuring = ensure(
    {
      onProgress: ({ step, generation }) => {
        name = generation
        if (step === 'filling') closing ??= stage.client.indices.close({ index: generation })
      },
    },
    { recordsPerSecond: 30, logger },
  )
  await stage.scope.waitFor(() => errors.length > 0)
  await closing
  expect(errors[0]?.[1]).toMatchObject({ index: name })
  await stage.client.indices.open({ index: name ?? '' })
  expect((await ensuring).report).toMatchObject(right)
})

test('closes at once, and accepts no more work', async () => {
  const reindexer = stage.newReindexer(index, { recordsPerSecond: 10 })
  const filling = gate()
  const ensuring = reindexer.ensure({ onProgress: ({ step }) => step === 'filling' && filling.open() })
  ensuring.catch(() => undefined)
  await filling.opened
  await reindexer.close()
  await reindexer.close()
  await expect(ensuring).rejects.toMatchObject({ code: 'KT_ABORTED' })
  await expect(reindexer.ensure()).rejects.toMatchObject({ code: 'KT_CLOSED' })
  await expect(reindexer.run()).rejects.toMatchObject({ code: 'KT_CLOSED' })
})

test.each([
  [{ topic: '' }, 'topic'],
  [{ versions: undefined }, 'versions'],
  [{ recordsPerSecond: 0 }, 'recordsPerSecond'],
  [{ index: { name: 'products' } }, 'index'],
])('refuses the options %j', (options, name) => {
  expect(() => stage.newReindexer(index, options as never)).toThrow(
    expect.objectContaining({ code: 'KT_OPTION_INVALID', message: expect.stringContaining(name) as string }),
  )
})

test('two former definitions with the same version are refused', () => {
  expect(() => stage.newReindexer(index, { previous: [stage.newIndex(version)] })).toThrow(
    /previous\[0\]\.version/u,
  )
})
