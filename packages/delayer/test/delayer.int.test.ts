import { silentLogger } from '@kt/core'
import { createDelayTopic } from '@kt/delayer'
import { ConfigResourceTypes } from 'kafkajs'
import { expect, test, vi } from 'vitest'
import type { Logger } from '@kt/core'
import { range, timestamps, useFixture } from './support/fixture.ts'

const fixture = useFixture(import.meta.url)
const byBroker = { config: { 'message.timestamp.type': 'LogAppendTime' } }

test('nothing is re-sent early, and everything is re-sent', async () => {
  const { scope, delayer, delayTopic, delay } = fixture()
  const delayMs = 1_000
  const [topic, cities] = await Promise.all([
    delayTopic('delay', 3),
    scope.createTopic('cities', { ...byBroker, partitions: 3 }),
  ])
  await delay(topic, range(0, 100), cities)
  const running = await delayer({ topic, delayMs, batchSize: 7 })
  // More messages arrive while the first wait, so that a batch contains both due and not due messages.
  for (let id = 100; id < 200; id += 10) await delay(topic, range(id, id + 10), cities)
  await running.whenCaughtUp()
  const before = timestamps(await scope.readTopic(topic))
  const resent = await scope.readTopic(cities)
  expect(resent.map(({ key }) => Number(key)).toSorted((a, b) => a - b)).toEqual(range(0, 200))
  for (const { key, timestampMs, text, headers } of resent) {
    expect(timestampMs - (before.get(key ?? '') ?? Infinity)).toBeGreaterThanOrEqual(delayMs)
    expect(text).toBe(`{"id":${key}}`)
    expect(headers).toEqual({ 'kt-change-id': `change-${key}`, 'kt-delayed': '1' })
  }
})

test('two delays, chained', async () => {
  const { scope, delayer, delayTopic, delay } = fixture()
  const delayMs = 700
  const [first, second, cities] = await Promise.all([
    delayTopic('chain-1'),
    delayTopic('chain-2'),
    scope.createTopic('chain-cities', byBroker),
  ])
  await delay(first, range(0, 20), cities)
  const one = await delayer({ topic: first, delayMs, delayTopic: second })
  const two = await delayer({ topic: second, delayMs })
  await one.whenCaughtUp()
  await two.whenCaughtUp()
  const forwarded = timestamps(await scope.readTopic(second))
  const resent = await scope.readTopic(cities)
  for (const id of range(0, 20)) {
    const found = resent.filter(({ key }) => key === String(id))
    expect(found.length).toBe(2)
    expect((found[1]?.timestampMs ?? 0) - (forwarded.get(String(id)) ?? Infinity)).toBeGreaterThanOrEqual(
      delayMs,
    )
  }
})

test('commits the re-sent messages before it waits for the rest', async () => {
  const { scope, delayer, producer } = fixture()
  const cities = await scope.createTopic('commit-cities')
  // Timestamps of the producer apply here, so that the test determines which messages are due.
  const topic = await scope.createTopic('commit')
  const raw = scope.kafka().producer({ createPartitioner: () => () => 0 })
  await raw.connect()
  const value = (id: number): string => JSON.stringify({ payload: { id }, topic: cities })
  const old = String(Date.now() - 600_000)
  await raw.send({ topic, messages: range(0, 5).map((id) => ({ value: value(id), timestamp: old })) })
  await producer.produce(value(5), { topic })
  await raw.disconnect()
  const running = await delayer({ topic, delayMs: 300_000 })
  await scope.waitFor(async () => (await running.lag()) === 1n)
  expect((await scope.readTopic(cities)).length).toBe(5)
})

test('an unreadable message becomes a dead letter and stops nothing', async () => {
  const { scope, delayer, delayTopic, delay, producer } = fixture()
  const [topic, cities] = await Promise.all([
    delayTopic('unreadable'),
    scope.createTopic('unreadable-cities'),
  ])
  await delay(topic, [1], cities)
  await producer.produce('not a delay message', { topic })
  await delay(topic, [2], cities)
  const running = await delayer({ topic, delayMs: 0 })
  await running.whenCaughtUp()
  expect((await scope.readTopic(cities)).map(({ key }) => key)).toEqual(['1', '2'])
  expect(await scope.readTopic(`${topic}.dead-letter`)).toMatchObject([
    {
      text: 'not a delay message',
      headers: { 'kt-dead-code': 'KT_DELAY_MESSAGE_INVALID', 'kt-dead-offset': '1' },
    },
  ])
})

test('an invalid topic name stops nothing', async () => {
  const { scope, delayer, delayTopic, delay } = fixture()
  const [topic, cities] = await Promise.all([
    delayTopic('impossible'),
    scope.createTopic('impossible-cities'),
  ])
  await delay(topic, [1], cities)
  await delay(topic, [2], 'no topic can be called so!')
  await delay(topic, [3], cities)
  const running = await delayer({ topic, delayMs: 0 })
  await running.whenCaughtUp()
  expect(new Set((await scope.readTopic(cities)).map(({ key }) => key))).toEqual(new Set(['1', '3']))
  expect((await scope.readTopic(`${topic}.dead-letter`)).map(({ key }) => key)).toEqual(['2'])
})

test("createDelayTopic creates a topic with the broker's timestamps", async () => {
  const { scope, delayer } = fixture()
  const topic = scope.topic('made')
  const kafka = scope.kafka()
  expect(await createDelayTopic({ kafka, topic, partitions: 2, retentionMs: 3_600_000 })).toBe(true)
  expect(await createDelayTopic({ kafka, topic })).toBe(false)
  const admin = kafka.admin()
  await admin.connect()
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [
      {
        type: ConfigResourceTypes.TOPIC,
        name: topic,
        configNames: ['message.timestamp.type', 'retention.ms'],
      },
    ],
  })
  await admin.disconnect()
  const entries = resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue])
  expect(Object.fromEntries(entries ?? [])).toEqual({
    'message.timestamp.type': 'LogAppendTime',
    'retention.ms': '3600000',
  })
  const warn = vi.fn<Logger['warn']>()
  await delayer({ topic, logger: { ...silentLogger, warn } })
  expect(warn).not.toHaveBeenCalled()
})

test('a delay topic silently lost messages before they were due', async () => {
  const { scope, delayer } = fixture()
  const settings = {
    'message.timestamp.type': 'LogAppendTime',
    'cleanup.policy': 'compact,delete',
    'retention.ms': '60000',
  }
  const topic = await scope.createTopic('lossy', { config: settings })
  const error = vi.fn<Logger['error']>()
  await delayer({ topic, delayMs: 60_000, logger: { ...silentLogger, error } })
  expect(error.mock.calls.map(([, fields]) => fields)).toMatchObject([
    { topic, policy: 'compact,delete' },
    { topic, retentionMs: '60000' },
  ])
})
