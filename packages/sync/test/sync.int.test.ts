import { setTimeout } from 'node:timers/promises'
import { Client } from '@elastic/elasticsearch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createSync } from '../src/index.ts'
import type { Sync } from '../src/index.ts'
import { TcpFaultProxy } from 'testkit'
import { openShop } from './support/shop.ts'
import type { Shop } from './support/shop.ts'

let shop: Shop
let application: Sync
let worker: Sync
beforeAll(async () => {
  shop = await openShop(import.meta.url)
  const brand = await shop.Brand.create({ name: 'Old' })
  await shop.Product.create({ name: 'Was there before', brandId: brand.id })
  application = shop.newSync()
  worker = shop.newSync()
})
afterAll(() => shop[Symbol.asyncDispose]())

describe('before anything exists', () => {
  test('a plan names all topics, the index and the cascade', async () => {
    const plan = await worker.plan()
    const { prefix } = shop.scope
    const named = (names: readonly string[]): string[] => names.map((name) => `${prefix}.${name}`)
    expect(plan.topics.filter(({ action }) => action === 'create').map(({ topic }) => topic)).toEqual(
      named(
        ['products', 'brands', 'cascades', 'delay']
          .flatMap((name) => [name])
          .concat(['products', 'brands', 'cascades', 'delay'].map((name) => `${name}.dead-letter`)),
      ),
    )
    expect(plan.indexes).toMatchObject([{ alias: shop.alias, model: 'product', action: 'build' }])
    expect(plan.cascades).toMatchObject([{ name: `${prefix}.brands_to_${shop.alias}` }])
    expect(plan.models).toEqual(['product', 'brand'])
  })

  test('an offline plan asks nobody', async () => {
    await using sync = createSync({ ...shop.config(), kafka: { brokers: ['localhost:1'] } })
    const plan = await sync.plan({ offline: true })
    expect(plan.topics.every(({ action }) => action === 'unknown')).toBe(true)
    expect(plan.hasChanges).toBe(true)
  })

  test('the application does not start, because its writes would be rejected', async () => {
    await using sync = createSync(shop.config())
    await expect(sync.start()).rejects.toThrow(expect.objectContaining({ code: 'KT_PRODUCE_FAILED' }))
    sync.stream()()
  })
})

describe('after it was applied', () => {
  const created: string[] = []
  beforeAll(async () => {
    await worker.apply({ onTopic: ({ topic }) => created.push(topic) })
    await application.start()
    await worker.run({ signals: [] })
  })

  test('there is nothing left to do', async () => {
    expect(created).toHaveLength(8)
    expect(await worker.plan()).toMatchObject({ hasChanges: false })
    expect(await shop.documents()).toEqual([{ name: 'Was there before', brand: 'Old' }])
  })

  test('writes and cascades reach the index, and every process can wait for them', async () => {
    const brand = await shop.Brand.create({ name: 'Before' })
    await shop.Product.create({ name: 'Lamp', brandId: brand.id })
    await application.whenCaughtUp()
    await brand.update({ name: 'After' })
    await application.whenCaughtUp()
    expect(await shop.documents()).toContainEqual({ name: 'Lamp', brand: 'After' })
  })

  test('a request reads its own write', async () => {
    const token = await application.updateStreamer.track(async () => {
      await shop.Product.create({ name: 'Chair' })
      return application.updateStreamer.token()
    })
    const outcome = await application.waitForIndexed(token, shop.alias, { refresh: true })
    expect(outcome).toBe('indexed')
    const { hits } = await shop.client.search({ index: shop.alias, query: { match: { name: 'chair' } } })
    expect(hits.hits).toHaveLength(1)
  })

  test('the status shows all groups at work', async () => {
    await shop.scope.waitFor(async () => (await worker.status()).groups.every(({ lag }) => lag === 0))
    const status = await worker.status()
    expect(status.groups.map(({ role, members }) => ({ role, members }))).toEqual([
      { role: 'delayer', members: 1 },
      { role: 'cascades', members: 1 },
      { role: 'cascades', members: 1 },
      { role: 'indexer', members: 1 },
    ])
    expect(status).toMatchObject({ missingIndexes: [], missingTopics: [] })
    expect(status.deadLetters.map(({ open }) => open)).toEqual([0, 0, 0, 0])
    expect(worker.isReady()).toBe(true)
    expect(worker.problems).toEqual([])
  })

  test('a change whose instant message is lost is healed by its delay message', async () => {
    await application.updateStreamer.delay(await shop.Product.findAll())
    await shop.sequelize.query(`UPDATE products SET name = 'Changed by hand' WHERE name = 'Chair'`)
    const healed = async (): Promise<boolean> =>
      (await shop.documents()).some((document) => (document as { name: string }).name === 'Changed by hand')
    expect(await shop.scope.waitFor(healed)).toBe(true)
  })

  test('a new version is built beside the old one', async () => {
    const next = shop.newSync({}, 2)
    expect(await next.plan()).toMatchObject({
      hasChanges: true,
      indexes: [{ action: 'build', reason: 'the version of the documents changed from 1 to 2' }],
    })
    const steps = new Set<string>()
    const results = await next.apply({ onProgress: (_, { step }) => steps.add(step) })
    expect(results.get(shop.alias)).toMatchObject({ changed: true })
    expect(steps).toContain('comparing')
  })

  test('a lost alias makes a worker not ready, and is named', async () => {
    const other = shop.newSync({}, 2)
    await other.run({ only: ['indexer'], signals: [] })
    await shop.scope.waitFor(() => other.isReady())
    const active = (await other.reindexer(shop.alias).generations()).find(({ isActive }) => isActive)
    const index = active?.name ?? ''
    await shop.client.indices.deleteAlias({ index, name: shop.alias })
    await shop.scope.waitFor(() => !other.isReady())
    expect(other.problems).toMatchObject([{ subject: shop.alias }])
    await shop.client.indices.putAlias({ index, name: shop.alias })
    await shop.scope.waitFor(() => other.isReady())
  })
})

test('a search engine that is frozen makes a worker not ready, and nothing waits for it for ever', async () => {
  await using proxy = await TcpFaultProxy.start(() => new URL(shop.scope.elasticsearchUrl).host)
  const search = new Client({ node: `http://${proxy.address}`, maxRetries: 0 })
  const frozen = shop.newSync({ search }, 2)
  await frozen.run({ only: ['indexer'], signals: [] })
  await shop.scope.waitFor(() => frozen.isReady())
  proxy.blackHole()
  const [status, planning, applying] = await Promise.allSettled([
    frozen.status(),
    frozen.plan(),
    frozen.apply(),
    shop.scope.waitFor(() => !frozen.isReady(), { timeoutMs: 30_000 }),
  ])
  expect(frozen.problems).toMatchObject([{ subject: shop.alias }])
  expect(status).toMatchObject({ value: { away: [{ service: 'search engine' }], missingIndexes: [] } })
  for (const each of [planning, applying])
    expect(each).toMatchObject({ reason: { code: 'KT_SERVICE_AWAY', retryable: true } })
  proxy.pass()
  await shop.scope.waitFor(() => frozen.isReady())
  proxy.blackHole()
  // Sooner than an orchestrator loses its patience.
  const late = setTimeout(25_000, 'late', { ref: false })
  expect(await Promise.race([frozen.close(), late])).toBeUndefined()
})

describe('mistakes are refused at the door', () => {
  test.each([
    ['a misspelt option', { prefx: 'a' }, /prefx/u],
    ['a delay that is no object', { delay: 5_000 }, /"delay" must be an object/u],
    ['a misspelt option of the topics', { topics: { partition: 6 } }, /topics.partition/u],
    ['a prefix that Kafka refuses', { prefix: 'a b' }, /prefix/u],
    ['an outbox that waits for longer than the delay allows', { outbox: { waitMs: 501 } }, /outbox.waitMs/u],
    ['two indexes of one name', { indexes: [0, 0] }, /name of its own/u],
    [
      'a delay topic that is the topic of a model',
      { prefix: '', delay: { topic: 'products' } },
      /the topic of two/u,
    ],
  ])('%s', (_, more, expected) => {
    const [index] = shop.config().indexes
    const indexes = 'indexes' in more ? { indexes: [index, index] } : {}
    expect(() => createSync({ ...shop.config(), ...more, ...indexes } as never)).toThrow(expected)
  })

  test('roles that would run nothing, and other roles while some run', async () => {
    const sync = shop.newSync()
    await expect(sync.run({ only: ['relay'], signals: [] })).rejects.toThrow(/would|roles/u)
    await expect(sync.run({ only: ['other' as never], signals: [] })).rejects.toThrow(/only/u)
    await sync.run({ only: ['delayer'], signals: [] })
    await expect(sync.run({ only: ['indexer'], signals: [] })).rejects.toThrow(/delayer already/u)
  })
})

test('a worker was ready although no index of its own had the alias', async () => {
  const alias = shop.scope.index('plain')
  await shop.client.indices.create({ index: alias })
  const [index] = shop.config().indexes
  const sync = shop.newSync({ indexes: [{ ...index, name: alias } as never] })
  await sync.run({ only: ['indexer'], signals: [] })
  await shop.scope.waitFor(() => sync.problems.some(({ subject }) => subject === alias))
  expect(sync.isReady()).toBe(false)
  const findings = await sync.diagnose()
  expect(findings.map(({ code }) => code)).toContain('index-refused')
})

test('a closed Sync refuses', async () => {
  const sync = shop.newSync()
  await sync.close()
  await sync.close()
  await expect(sync.plan()).rejects.toThrow(expect.objectContaining({ code: 'KT_CLOSED' }))
  expect(() => sync.stream()).toThrow(expect.objectContaining({ code: 'KT_CLOSED' }))
})
