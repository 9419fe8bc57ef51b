import { KtError } from '@kt/core'
import { Kafka, logLevel } from 'kafkajs'
import type { Batch, ConsumerConfig, EachBatchHandler, EachBatchPayload } from 'kafkajs'
import { gate, waitFor } from 'testkit'
import type { TestScope } from 'testkit'
import { describe, expect, it } from 'vitest'
import { numbers, texts, useFixture } from './support/fixture.ts'
import { recordingLogger } from './support/recording-logger.ts'

const fixture = useFixture(import.meta.url)

const joins = (logger: ReturnType<typeof recordingLogger>): number =>
  logger.lines.filter(({ message }) => message === 'Joined the group').length

describe('resilience', () => {
  it('retries a failing handler beyond the session timeout without losing its membership', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('failing', { partitions: 2 })
    await send(topic, 0, ['bad'])
    const logger = recordingLogger()
    const other: string[] = []
    const startedAt = Date.now()
    let repaired = false
    const worker = await consumer({ logger }).consume(
      { topic, name: topic },
      async (messages, { partition }) => {
        if (partition === 1) other.push(...texts(messages))
        else if (!repaired) throw new TypeError('bug in the handler')
      },
    )
    await send(topic, 1, ['good'])
    await waitFor(() => other.length === 1)
    await waitFor(() => Date.now() - startedAt > 8_000, { what: 'More than the session timeout' })
    expect(await worker.lag()).toBe(1n)
    repaired = true
    await worker.whenCaughtUp()
    expect(joins(logger)).toBe(1)
  })

  it('stays a member while a handler takes longer than the session timeout', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('slow')
    await send(topic, 0, ['slow'])
    const logger = recordingLogger()
    const entered = gate()
    const finish = gate()
    let calls = 0
    const worker = await consumer({ logger }).consume({ topic, name: topic }, async () => {
      calls += 1
      entered.open()
      await finish.opened
    })
    await entered.opened
    const enteredAt = Date.now()
    await waitFor(() => Date.now() - enteredAt > 8_000, { what: 'More than the session timeout' })
    finish.open()
    await worker.whenCaughtUp()
    expect(calls).toBe(1)
    expect(joins(logger)).toBe(1)
  })

  it('starts again after a crash from which kafkajs would not restart', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('crash')
    await send(topic, 0, numbers(3))
    let crashes = 0
    const crashing = withEachBatch(scope, async (payload, eachBatch) => {
      crashes += 1
      // kafkajs treats a TypeError as a bug. It crashes with `restart: false` and is silent from then on.
      if (crashes === 1) throw new TypeError('a bug below us')
      await eachBatch(payload)
    })
    const seen: string[] = []
    const worker = await consumer({ kafka: crashing }).consume({ topic, name: topic }, async (messages) => {
      seen.push(...texts(messages))
    })
    await worker.whenCaughtUp()
    expect(crashes).toBeGreaterThan(1)
    expect(seen).toEqual(numbers(3))
  })

  it('uses only the documented parts of a batch, because agents may pass a copy', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('agent')
    await send(topic, 0, numbers(30))
    const copying = withEachBatch(scope, async (payload, eachBatch) => {
      const { batch } = payload
      const messages = batch.messages.map((message) => Object.freeze({ ...message }))
      const copy: Batch = {
        topic: batch.topic,
        partition: batch.partition,
        highWatermark: batch.highWatermark,
        messages,
        isEmpty: () => batch.isEmpty(),
        firstOffset: () => batch.firstOffset(),
        lastOffset: () => batch.lastOffset(),
        offsetLag: () => batch.offsetLag(),
        offsetLagLow: () => batch.offsetLagLow(),
      }
      Object.freeze(messages)
      await eachBatch(Object.freeze({ ...payload, batch: Object.freeze(copy) }))
    })
    const seen: string[] = []
    const worker = await consumer({ kafka: copying }).consume(
      { topic, name: topic, batchSize: 10 },
      async (messages) => {
        seen.push(...texts(messages))
      },
    )
    await worker.whenCaughtUp()
    expect(seen).toEqual(numbers(30))
  })

  it('starts at the earliest message if its offset was deleted by retention, and logs an error', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('retention')
    await send(topic, 0, numbers(10))
    const admin = scope.kafka().admin()
    await admin.connect()
    await admin.setOffsets({ groupId: topic, topic, partitions: [{ partition: 0, offset: '2' }] })
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
    await admin.disconnect()
    const logger = recordingLogger()
    const seen: string[] = []
    const worker = await consumer({ logger }).consume({ topic, name: topic }, async (messages) => {
      seen.push(...texts(messages))
    })
    await worker.whenCaughtUp()
    expect(seen).toEqual(numbers(4, 6))
    const said = await waitFor(() => logger.lines.find(({ message }) => message.includes('out of range')))
    expect(said).toMatchObject({ level: 'error', fields: { partition: 0, offset: '2', earliest: '6' } })
  })

  it('logs an error if unread messages are deleted while it works', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('outrun')
    const logger = recordingLogger()
    const finish = gate()
    const entered = gate()
    const seen: string[] = []
    const options = { logger, maxBufferedBytesPerPartition: 1, maxBytesPerPartition: 1 }
    const worker = await consumer(options).consume({ topic, name: topic }, async (messages) => {
      entered.open()
      await finish.opened
      seen.push(...texts(messages))
    })
    await send(topic, 0, numbers(1))
    await entered.opened
    // The partition is paused by now, so later messages are not fetched.
    for (const value of numbers(9, 1)) await send(topic, 0, [value])
    const admin = scope.kafka().admin()
    await admin.connect()
    // kafkajs has to know the topic's leaders first.
    await admin.fetchTopicOffsets(topic)
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '8' }] })
    await admin.disconnect()
    finish.open()
    await worker.whenCaughtUp()
    expect(seen.slice(-2)).toEqual(numbers(2, 8))
    const said = await waitFor(() => logger.lines.find(({ message }) => message.includes('out of range')))
    expect(said).toMatchObject({ level: 'error', fields: { partition: 0, earliest: '8', end: '10' } })
  })

  it('catches up with a topic that ends with transaction markers', async () => {
    const { scope, consumer } = fixture()
    const topic = await scope.createTopic('transactions')
    const producer = scope
      .kafka()
      .producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 })
    await producer.connect()
    for (const commit of [true, false]) {
      const transaction = await producer.transaction()
      await transaction.send({ topic, messages: [{ value: String(commit) }] })
      await (commit ? transaction.commit() : transaction.abort())
    }
    await producer.disconnect()
    const seen: string[] = []
    const worker = await consumer().consume({ topic, name: topic }, async (messages) => {
      seen.push(...texts(messages))
    })
    await worker.whenCaughtUp()
    expect(seen).toEqual(['true'])
  })

  it('pauses a partition while its handler is slow, and resumes it later', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('memory')
    const large = 'x'.repeat(10_000)
    for (let round = 0; round < 20; round += 1)
      await send(
        topic,
        0,
        Array.from({ length: 100 }, () => large),
      )
    const finish = gate()
    let handled = 0
    const worker = await consumer({ maxBufferedBytesPerPartition: 500_000 }).consume(
      { topic, name: topic, batchSize: 100 },
      async (messages) => {
        await finish.opened
        handled += messages.length
      },
    )
    finish.open()
    await worker.whenCaughtUp()
    expect(handled).toBe(2_000)
  })

  it('sends heartbeats instead of pausing the last partition, because kafkajs then sleeps', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('no_room', { partitions: 2 })
    for (const partition of [0, 1]) await send(topic, partition, numbers(2))
    const { seen, kafka } = watched(scope)
    const finish = gate()
    const entered = new Set<number>()
    const handled: string[] = []
    const worker = await consumer({
      kafka,
      maxWaitMs: 50,
      heartbeatIntervalMs: 50,
      maxBufferedBytesPerPartition: 1,
    }).consume({ topic, name: topic, batchSize: 1 }, async (messages, { partition }) => {
      entered.add(partition)
      await finish.opened
      handled.push(...texts(messages))
    })
    await waitFor(() => entered.size === 2)
    const { fetches, heartbeats } = seen
    await waitFor(() => seen.heartbeats >= heartbeats + 10)
    expect(seen.fetches).toBe(fetches)
    finish.open()
    await worker.whenCaughtUp()
    expect(handled).toHaveLength(4)
  })

  it('goes on with other partitions while one buffer is full', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('paused', { partitions: 2 })
    await send(topic, 0, numbers(3))
    const finish = gate()
    const entered = gate()
    const handled = new Map<number, string[]>([
      [0, []],
      [1, []],
    ])
    const worker = await consumer({ maxBufferedBytesPerPartition: 1, maxBytesPerPartition: 1 }).consume(
      { topic, name: topic, batchSize: 1 },
      async (messages, { partition }) => {
        entered.open()
        if (partition === 0) await finish.opened
        handled.get(partition)?.push(...texts(messages))
      },
    )
    await entered.opened
    for (const value of numbers(5)) await send(topic, 1, [value])
    await waitFor(() => handled.get(1)?.length === 5)
    expect(handled.get(0)).toEqual([])
    finish.open()
    await worker.whenCaughtUp()
    expect([...handled.values()]).toEqual([numbers(3), numbers(5)])
  })

  it('rejects when it cannot join in time', async () => {
    const { consumer } = fixture()
    const away = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING })
    const error: unknown = await consumer({ kafka: away, joinTimeoutMs: 300, closeTimeoutMs: 300 })
      .consume({ topic: 'any', name: 'any' }, async () => undefined)
      .catch((reason: unknown) => reason)
    expect(KtError.isInstance(error, 'KT_CONSUME_FAILED')).toBe(true)
  })

  it('rejects whenCaughtUp with its own error on timeout', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('late')
    await send(topic, 0, numbers(2))
    const worker = await consumer().consume({ topic, name: topic }, () => Promise.reject(new Error('no')))
    await expect(worker.whenCaughtUp({ timeoutMs: 100 })).rejects.toMatchObject({
      code: 'KT_CATCH_UP_TIMEOUT',
      message: expect.stringContaining('2 messages behind') as string,
    })
  })

  it('closes when its signal fires', async () => {
    const { scope, consumer } = fixture()
    const topic = await scope.createTopic('signal')
    const stop = new AbortController()
    await consumer().consume({ topic, name: topic, signal: stop.signal }, async () => undefined)
    stop.abort()
    const admin = scope.kafka().admin()
    await admin.connect()
    const members = async (): Promise<number | undefined> =>
      (await admin.describeGroups([topic])).groups[0]?.members.length
    await waitFor(async () => (await members()) === 0)
    expect(await members()).toBe(0)
    await admin.disconnect()
  })

  it('returns the settings of a topic', async () => {
    const { scope, consumer } = fixture()
    const config = { 'message.timestamp.type': 'LogAppendTime' }
    const topic = await scope.createTopic('settings', { config })
    expect(await consumer().topicSettings(topic)).toMatchObject(config)
  })

  it('names the invalid option', () => {
    const { consumer } = fixture()
    expect(() => consumer({ sessionTimeoutMs: 0 })).toThrow(/"sessionTimeoutMs"/)
    expect(() => consumer({ maxWaitMs: 5_000 })).toThrow(/"maxWaitMs"/)
    return expect(consumer().consume({ topic: '', name: 'n' }, async () => undefined)).rejects.toThrow(
      /"topic"/,
    )
  })
})

/** Makes kafkajs instances whose consumers call `around` in place of `eachBatch`, as agents do. */
function withEachBatch(
  scope: TestScope,
  around: (payload: EachBatchPayload, eachBatch: EachBatchHandler) => Promise<void>,
): () => Kafka {
  return () => {
    const kafka = scope.kafka()
    const makeConsumer = kafka.consumer.bind(kafka)
    kafka.consumer = (config) => {
      const consumer = makeConsumer(config)
      const run = consumer.run.bind(consumer)
      consumer.run = ({ eachBatch, ...options } = {}) =>
        run({ ...options, ...(eachBatch && { eachBatch: (payload) => around(payload, eachBatch) }) })
      return consumer
    }
    return kafka
  }
}

/** Makes kafkajs instances whose consumers count their fetches and heartbeats. */
function watched(scope: TestScope): {
  readonly seen: { readonly fetches: number; readonly heartbeats: number }
  readonly kafka: () => Kafka
} {
  const seen = { fetches: 0, heartbeats: 0 }
  const kafka = (): Kafka => {
    const made = scope.kafka()
    const newConsumer = made.consumer.bind(made)
    return Object.assign(made, {
      consumer: (config: ConsumerConfig) => {
        const consumer = newConsumer(config)
        consumer.on(consumer.events.FETCH_START, () => (seen.fetches += 1))
        consumer.on(consumer.events.HEARTBEAT, () => (seen.heartbeats += 1))
        return consumer
      },
    })
  }
  return { seen, kafka }
}
