import { KtError } from '@kt/core'
import { Producer } from '@kt/producer'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CountingMeter } from './support/counting-meter.ts'

let scope: TestScope
let producer: Producer
const meter = new CountingMeter()

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
  producer = new Producer({ kafka: scope.kafka(), meter })
})
afterAll(async () => {
  await producer.close()
  await scope.close()
})

async function failure(promise: Promise<unknown>): Promise<KtError> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  if (!KtError.isInstance(error)) throw new Error('Expected a KtError', { cause: error })
  return error
}

test('sends a single message with partition, key and headers', async () => {
  const topic = await scope.createTopic('single', { partitions: 3 })
  await producer.produce('message', { topic, partition: 2, key: 'k', headers: { 'kt-change-id': 'c1' } })
  await producer.produce(new TextEncoder().encode('grüße'), { topic, partition: 0 })
  await producer.produce(null, { topic, partition: 1, key: 'gone' })
  expect(await scope.readTopic(topic)).toMatchObject([
    { partition: 0, text: 'grüße', key: null, headers: {} },
    { partition: 1, text: null, value: null, key: 'gone' },
    { partition: 2, text: 'message', key: 'k', headers: { 'kt-change-id': 'c1' } },
  ])
})

test('sends a batch to several topics', async () => {
  const [first, second] = await Promise.all([scope.createTopic('batch-1'), scope.createTopic('batch-2')])
  const result = await producer.batch(async (batch) => {
    batch.produce('message1', { topic: first, partition: 0 })
    await Promise.resolve()
    batch.produce('message2', { topic: second, partition: 0 })
    return 2
  })
  expect(result).toBe(2)
  expect((await scope.readTopic(first)).map(({ text }) => text)).toEqual(['message1'])
  expect((await scope.readTopic(second)).map(({ text }) => text)).toEqual(['message2'])
})

test('keeps the order of one key on one partition, through one call or many', async () => {
  const topic = await scope.createTopic('order', { partitions: 4 })
  const calls = Array.from({ length: 1_000 }, (_, index) =>
    producer.produce(String(index), { topic, key: `key-${index % 10}` }),
  )
  const large = producer.batch((batch) => {
    for (let index = 1_000; index < 10_000; index += 1)
      batch.produce(String(index), { topic, key: `key-${index % 10}` })
  })
  await Promise.all([...calls, large])
  const messages = await scope.readTopic(topic)
  expect(messages.length).toBe(10_000)
  for (let key = 0; key < 10; key += 1) {
    const found = messages.filter((message) => message.key === `key-${key}`)
    expect(new Set(found.map(({ partition }) => partition)).size).toBe(1)
    expect(found.map(({ text }) => Number(text))).toEqual(
      Array.from({ length: 1_000 }, (_, index) => index * 10 + key),
    )
  }
})

test('concurrent calls share requests', async () => {
  const topic = await scope.createTopic('shared')
  await Promise.all(Array.from({ length: 500 }, (_, index) => producer.produce(String(index), { topic })))
  expect(meter.sum('kt_producer_messages_total', topic)).toBe(500)
  expect(meter.sum('kt_producer_requests_total', topic)).toBe(1)
})

test('rejects an unknown partition, and no other call', async () => {
  const topic = await scope.createTopic('partitions', { partitions: 2 })
  const good = producer.produce('good', { topic, partition: 1 })
  const bad = failure(producer.produce('bad', { topic, partition: 2 }))
  expect(await bad).toMatchObject({ code: 'KT_PARTITION_UNKNOWN', retryable: false })
  await good
  const admin = scope.kafka().admin()
  await admin.connect()
  await admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] })
  await scope.waitFor(async () => (await admin.fetchTopicOffsets(topic)).length === 3)
  await admin.disconnect()
  await producer.produce('later', { topic, partition: 2 })
  expect((await scope.readTopic(topic)).map(({ text, partition }) => [text, partition])).toEqual([
    ['good', 1],
    ['later', 2],
  ])
})

test('a message that the broker rejects only fails its own call', async () => {
  const topic = await scope.createTopic('large', { config: { 'max.message.bytes': '10000' } })
  const small = Array.from({ length: 20 }, (_, index) => producer.produce(String(index), { topic }))
  const large = failure(producer.produce('x'.repeat(20_000), { topic }))
  const invalid = failure(producer.produce('x', { topic: 'not a topic!' }))
  // Together larger than one request may be on this topic.
  const several = Array.from({ length: 4 }, () => producer.produce('y'.repeat(4_000), { topic }))
  expect(await large).toMatchObject({
    code: 'KT_PRODUCE_FAILED',
    retryable: false,
    cause: { type: 'MESSAGE_TOO_LARGE' },
  })
  expect(await invalid).toMatchObject({ code: 'KT_PRODUCE_FAILED', retryable: false })
  await Promise.all([...small, ...several])
  const values = new Set((await scope.readTopic(topic)).map(({ text }) => text))
  expect(values).toEqual(
    new Set([...Array.from({ length: 20 }, (_, index) => String(index)), 'y'.repeat(4_000)]),
  )
})

test('a deleted topic does not stop other topics', async () => {
  const [doomed, kept] = await Promise.all([scope.createTopic('doomed'), scope.createTopic('kept')])
  const own = new Producer({ kafka: scope.kafka(), allowAutoTopicCreation: false, timeoutMs: 2_000 })
  await Promise.all([own.produce('1', { topic: doomed }), own.produce('1', { topic: kept })])
  const admin = scope.kafka().admin()
  await admin.connect()
  await admin.deleteTopics({ topics: [doomed] })
  await scope.waitFor(async () => !(await admin.listTopics()).includes(doomed))
  await admin.disconnect()
  const lost = failure(own.produce('2', { topic: doomed }))
  await own.produce('2', { topic: kept })
  expect(await lost).toMatchObject({ code: 'KT_PRODUCE_FAILED', retryable: true })
  await own.produce('3', { topic: kept })
  await own.close()
  expect((await scope.readTopic(kept)).map(({ text }) => text)).toEqual(['1', '2', '3'])
})

test("keyPartitioner returns Kafka's partition for any key and number of partitions", async () => {
  const keys = [
    '',
    '1',
    'Zürich',
    '漢字',
    'a'.repeat(100),
    ...Array.from({ length: 200 }, (_, id) => `${id * 7919}`),
  ]
  for (const partitions of [1, 3, 12]) {
    const topic = await scope.createTopic(`key-partitions-${partitions}`, { partitions })
    const partitionOf = await producer.keyPartitioner(topic)
    await producer.batch((batch) => {
      for (const key of keys) batch.produce('x', { topic, key })
    })
    const found = (await scope.readTopic(topic)).map(({ key, partition }) => [key, partition])
    const expected = keys.map((key) => [key, partitionOf(key)])
    expect(new Map(found as [string, number][])).toEqual(new Map(expected as [string, number][]))
  }
})

test('keyPartitioner rejects for an unknown topic, and does not create it', async () => {
  const topic = scope.topic('unknown')
  expect(await failure(producer.keyPartitioner(topic))).toMatchObject({
    code: 'KT_PRODUCE_FAILED',
    retryable: true,
  })
  expect(await failure(producer.keyPartitioner('not a topic!'))).toMatchObject({ retryable: false })
  const admin = scope.kafka().admin()
  await admin.connect()
  expect(await admin.listTopics()).not.toContain(topic)
  await admin.disconnect()
})

test('keyPartitioner knows a new partition once a message was sent to it', async () => {
  const topic = await scope.createTopic('grown')
  await using own = new Producer({ kafka: scope.kafka() })
  expect((await own.keyPartitioner(topic))('1')).toBe(0)
  await own.produce('x', { topic })
  const admin = scope.kafka().admin()
  await admin.connect()
  await admin.createPartitions({ topicPartitions: [{ topic, count: 50 }] })
  await scope.waitFor(async () => (await admin.fetchTopicOffsets(topic)).length === 50)
  await admin.disconnect()
  await own.produce('x', { topic, partition: 49 })
  const partitionOf = await own.keyPartitioner(topic)
  expect(new Set(Array.from({ length: 100 }, (_, id) => partitionOf(String(id)))).size).toBeGreaterThan(1)
})

test('closing flushes pending messages', async () => {
  const topic = await scope.createTopic('closing')
  const own = new Producer({ kafka: scope.kafka() })
  const pending = Array.from({ length: 100 }, (_, index) => own.produce(String(index), { topic }))
  await own.close()
  await Promise.all(pending)
  expect((await scope.readTopic(topic)).length).toBe(100)
  expect((await failure(own.produce('x', { topic }))).code).toBe('KT_CLOSED')
  await own.close()
})
