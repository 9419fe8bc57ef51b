import { Client } from '@elastic/elasticsearch'
import { ConfigResourceTypes } from 'kafkajs'
import { Sequelize } from 'sequelize'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { outbox } from '@kt/sequelize-stream'
import { createSync } from '../src/index.ts'
import type { SyncConfig } from '../src/index.ts'
import { openShop } from './support/shop.ts'
import type { Shop } from './support/shop.ts'

let shop: Shop
let topics: Readonly<Record<'products' | 'delay' | 'letters', string>>
beforeAll(async () => {
  shop = await openShop(import.meta.url)
  const { prefix } = shop.scope
  topics = {
    products: `${prefix}.products`,
    delay: `${prefix}.delay`,
    letters: `${prefix}.products.dead-letter`,
  }
  const worker = shop.newSync()
  await worker.apply()
  await worker.run({ signals: [] })
})
afterAll(() => shop[Symbol.asyncDispose]())

/** What is always there: the brand of a product is set to null by the database. */
const always = ['written-past-streams']

async function codes(more?: Partial<SyncConfig>, version?: number): Promise<readonly string[]> {
  const findings = await shop.newSync(more, version).diagnose()
  for (const { message, remedy } of findings) {
    expect(message).not.toBe('')
    expect(remedy).not.toBe('')
  }
  return findings.map(({ code }) => code).toSorted()
}

async function alterTopic(topic: string, settings: Readonly<Record<string, string>>): Promise<void> {
  const admin = shop.scope.kafka().admin()
  await admin.connect()
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }))
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  })
  await admin.disconnect()
}

test('finds nothing that is not there', async () => {
  expect(await codes()).toEqual(always)
})

describe('settings of topics', () => {
  test.each([
    ['products', { 'cleanup.policy': 'compact' }, ['topic-compacted']],
    ['products', { 'cleanup.policy': 'delete', 'retention.ms': '3600000' }, ['retention-short']],
    ['products', { 'unclean.leader.election.enable': 'true' }, ['unclean-leader-election']],
    ['products', { 'min.insync.replicas': '2' }, ['too-few-replicas']],
    ['delay', { 'message.timestamp.type': 'CreateTime' }, ['delay-topic-clock']],
    ['delay', { 'message.timestamp.type': 'LogAppendTime', 'retention.ms': '1000' }, ['delay-topic-loses']],
    [
      'delay',
      { 'message.timestamp.type': 'LogAppendTime', 'cleanup.policy': 'compact' },
      ['delay-topic-loses'],
    ],
  ] as const)('%s with %j', async (topic, settings, expected) => {
    await alterTopic(topics[topic], settings)
    await shop.scope.waitFor(async () => (await codes()).length > always.length)
    expect(await codes()).toEqual([...always, ...expected].toSorted())
    await alterTopic(
      topics[topic],
      topic === 'delay' ? { 'message.timestamp.type': 'LogAppendTime' } : { 'cleanup.policy': 'delete' },
    )
    await shop.scope.waitFor(async () => (await codes()).length === always.length)
  })
})

describe('indexes', () => {
  test.each([
    ['read-only', { 'blocks.write': true }, { 'blocks.write': null }, ['index-read-only']],
    ['forgets deletes soon', { gc_deletes: '5s' }, { gc_deletes: '10m' }, ['gc-deletes-short']],
  ] as const)('%s', async (_, damage, mending, expected) => {
    const { client, alias } = shop
    await client.indices.putSettings({ index: alias, settings: damage })
    expect(await codes()).toEqual([...always, ...expected].toSorted())
    await client.indices.putSettings({ index: alias, settings: mending })
    expect(await codes()).toEqual(always)
  })

  test('outdated, or missing', async () => {
    expect(await codes({}, 2)).toEqual(['index-outdated', ...always])
    const { alias, scope } = shop
    const other = shop.config()
    const [index] = other.indexes
    const missing = { ...index, name: `${alias}-other` } as never
    expect(await codes({ indexes: [missing], prefix: `${scope.prefix}.` })).toContain('index-missing')
  })
})

test('topics that are missing, and workers that do not run', async () => {
  const other = { prefix: `${shop.scope.prefix}.other.` }
  expect(new Set(await codes(other))).toEqual(new Set([...always, 'topic-missing']))
  await shop.newSync(other).apply()
  expect(await codes(other)).toEqual([...Array.from({ length: 3 }, () => 'group-empty'), ...always])
})

describe('services', () => {
  test.each<[string, () => Partial<SyncConfig>]>([
    ['Kafka', () => ({ kafka: { brokers: ['127.0.0.1:1'], retry: { retries: 0 } } })],
    ['search engine', () => ({ search: new Client({ node: 'http://127.0.0.1:1', maxRetries: 0 }) })],
  ])('%s is away', async (name, more) => {
    const findings = await shop.newSync(more()).diagnose()
    expect(findings.filter(({ code }) => code === 'unreachable')).toMatchObject([
      { subject: name, severity: 'error' },
    ])
  })
})

test('an outbox whose table is missing', async () => {
  const box = outbox(shop.sequelize, { table: 'kt_no_such_outbox' })
  const config = { outbox: { table: box.tableName } }
  expect(await codes(config)).toEqual(['outbox-unusable', ...always])
  expect(await shop.newSync(config).plan()).toMatchObject({
    outbox: { table: 'kt_no_such_outbox', action: 'create' },
    hasChanges: true,
  })
})

test('a transaction that lasts longer than the delay', async () => {
  const other = new Sequelize(shop.scope.databaseUrl, { logging: false })
  const transaction = await other.transaction()
  await other.query(`INSERT INTO brands (name, "createdAt", "updatedAt") VALUES ('x', now(), now())`, {
    transaction,
  })
  await shop.scope.waitFor(async () => (await codes()).includes('transaction-long'))
  expect(await codes()).toEqual(['transaction-long', ...always])
  await transaction.rollback()
  await other.close()
})

test('dead letters that are open', async () => {
  const name = 'a'.repeat(10)
  await shop.scope.send(topics.products, [{ key: name, value: 'no JSON' }])
  await shop.scope.waitFor(async () => (await codes()).includes('dead-letters'))
  const sync = shop.newSync()
  const [letter] = await sync.deadLetters()
  expect(letter).toMatchObject({ topic: topics.products, code: 'KT_PAYLOAD_INVALID' })
  expect(await sync.redrive({ topic: topics.products, filter: () => true })).toEqual({
    redriven: 1,
    skipped: 0,
  })
})

test('the status rejected while the database of the outbox was away', async () => {
  const sequelize = new Sequelize('postgres://127.0.0.1:1/x', { logging: false })
  const away = sequelize.define('away', {})
  const sync = createSync({
    ...shop.config(),
    sequelize,
    indexes: [],
    models: [away],
    outbox: { waitMs: 100 },
    kafka: { brokers: ['127.0.0.1:1'], retry: { retries: 0 } },
  })
  const status = await sync.status()
  expect(status.away.map(({ service }) => service).toSorted()).toEqual(['Kafka', 'database'])
  await sync.close()
})
