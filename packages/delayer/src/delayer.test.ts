import { KtError, silentLogger } from '@kt/core'
import type { Logger } from '@kt/core'
import { MemoryConsumer, MemoryProducer } from 'testkit/doubles'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { delayMessage } from '../test/support/messages.ts'
import { Delayer } from './delayer.ts'
import type { DelayerOptions } from './options.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

async function setUp(options: Partial<DelayerOptions> = {}) {
  const consumer = new MemoryConsumer()
  const producer = new MemoryProducer()
  const delayer = new Delayer({
    consumer,
    producer,
    topic: 'delay_5m',
    delayMs: 300_000,
    logger: silentLogger,
    ...options,
  })
  await delayer.run()
  return { consumer, producer, delayer }
}

const away = new KtError('KT_PRODUCE_TIMEOUT', 'away', { retryable: true })
const closed = new KtError('KT_CLOSED', 'closed', { retryable: false })
const gone = new KtError('KT_PRODUCE_FAILED', 'gone', { retryable: true })
const refused = new KtError('KT_PRODUCE_FAILED', 'refused', { retryable: false })

describe('re-sending', () => {
  test('sends due messages to their topics in one call, with key, headers and a mark', async () => {
    const { consumer, producer } = await setUp()
    const headers = { 'kt-change-id': 'c1', 'kt-cascade': 'a,b', traceparent: '00-1', other: 'x' }
    const pause = await consumer.handle([delayMessage(1, { headers }), delayMessage(2, { to: 'countries' })])
    expect(pause).toBeUndefined()
    expect(producer.calls).toEqual([1, 1])
    const { other: _, ...copied } = headers
    expect(producer.produced).toEqual([
      { value: '{"id":1}', topic: 'cities', key: '1', headers: { 'kt-delayed': '1', ...copied } },
      { value: '{"id":2}', topic: 'countries', key: '2', headers: { 'kt-delayed': '1' } },
    ])
  })

  test('sends due messages and pauses until the first other one is due', async () => {
    const { consumer, producer } = await setUp()
    const pause = await consumer.handle([
      delayMessage(1, { timestampMs: 700_000 }),
      delayMessage(2, { timestampMs: 700_001 }),
      delayMessage(3),
    ])
    expect(pause).toEqual({ from: 2n, forMs: 1 })
    expect(producer.produced.map(({ key }) => key)).toEqual(['1'])
  })

  test('messages came due before the transactions of writers that assumed a longer delay ended', async () => {
    const warn = vi.fn<Logger['warn']>()
    const { consumer, producer } = await setUp({ delayMs: 1_000, logger: { ...silentLogger, warn } })
    const [unknown, byDefault, short, long] = [
      delayMessage(1, { timestampMs: 999_000 }),
      delayMessage(2, { timestampMs: 700_000, headers: { 'kt-change-id': 'c2' } }),
      delayMessage(3, { timestampMs: 999_000, headers: { 'kt-change-id': 'c3', 'kt-delay-ms': '500' } }),
      delayMessage(4, { timestampMs: 999_000, headers: { 'kt-change-id': 'c4', 'kt-delay-ms': '2000' } }),
    ]
    expect(await consumer.handle([unknown, byDefault, short, long])).toEqual({ from: 4n, forMs: 1_000 })
    expect(producer.produced.map(({ key }) => key)).toEqual(['1', '2', '3'])
    const said = warn.mock.calls.map(([, fields]) => fields?.['writersDelayMs'])
    expect(said).toEqual([300_000])
  })

  test('with delayTopic, forwards the delay message unchanged', async () => {
    const { consumer, producer } = await setUp({ delayTopic: 'delay_1h' })
    const message = delayMessage(1, { headers: { 'kt-change-id': 'c1' } })
    await consumer.handle([message])
    expect(producer.calls).toEqual([1, 1])
    expect(producer.to('delay_1h')).toEqual([
      { value: message.value, topic: 'delay_1h', key: '1', headers: { 'kt-change-id': 'c1' } },
    ])
  })
})

describe('open transactions', () => {
  const headersOf = (changeId: string) => ({ headers: { 'kt-change-id': changeId } })

  test('postpone their own messages by another delay, and no others', async () => {
    const meter = { add: vi.fn(), record: vi.fn() }
    const read = vi.fn().mockResolvedValue((changeId: string) => changeId === 'open')
    const { consumer, producer } = await setUp({ transactions: { read }, meter })
    await consumer.handle([delayMessage(1, headersOf('open')), delayMessage(2, headersOf('ended'))])
    expect(producer.to('delay_5m').map(({ key }) => key)).toEqual(['1'])
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['2'])
    expect(meter.add).toHaveBeenCalledWith('kt_delayer_postponed_total', 1, expect.anything())
    expect(meter.add).toHaveBeenCalledWith('kt_delayer_resent_total', 1, expect.anything())
  })

  test('keep their messages when they end between two attempts at a batch', async () => {
    const read = vi
      .fn()
      .mockResolvedValueOnce(() => true)
      .mockResolvedValue(() => false)
    const { consumer, producer } = await setUp({ transactions: { read } })
    producer.refuse = ({ topic }) => (topic === 'delay_5m' ? away : undefined)
    const messages = [delayMessage(1, headersOf('c1')), delayMessage(2)]
    await expect(consumer.handle(messages)).rejects.toBe(away)
    producer.refuse = () => undefined
    await consumer.handle(messages, { attempt: 2 })
    expect(producer.to('delay_5m').map(({ key }) => key)).toEqual(['1'])
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['2'])
  })

  test('are read before anything is re-sent', async () => {
    const down = new KtError('KT_LOAD_FAILED', 'down', { retryable: true })
    const read = vi
      .fn()
      .mockRejectedValueOnce(down)
      .mockResolvedValue(() => false)
    const { consumer, producer } = await setUp({ transactions: { read } })
    await expect(consumer.handle([delayMessage(1)])).rejects.toBe(down)
    expect(producer.produced).toEqual([])
    await consumer.handle([delayMessage(1)], { attempt: 2 })
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['1'])
  })
})

test('rejects a batch when the open transactions cannot be read in time', async () => {
  const { consumer } = await setUp({ transactions: { read: () => new Promise<never>(() => undefined) } })
  const handled = Promise.allSettled([consumer.handle([delayMessage(1)])])
  await vi.advanceTimersByTimeAsync(60_000)
  expect(await handled).toMatchObject([{ status: 'rejected', reason: { code: 'KT_LOAD_FAILED' } }])
})

describe('messages that cannot be re-sent', () => {
  test('an unreadable message becomes a dead letter, and the others are re-sent', async () => {
    const { consumer, producer } = await setUp()
    const value = new TextEncoder().encode('{"topic":"cities"')
    await consumer.handle([delayMessage(1), delayMessage(2, { value }), delayMessage(3)])
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['1', '3'])
    expect(producer.to('delay_5m.dead-letter')).toMatchObject([
      { value, key: '2', headers: { 'kt-dead-code': 'KT_DELAY_MESSAGE_INVALID', 'kt-dead-offset': '2' } },
    ])
  })

  test('a refused message becomes a dead letter, and the others are re-sent', async () => {
    const { consumer, producer } = await setUp()
    producer.refuse = ({ topic, key }) => (topic === 'cities' && key === '2' ? refused : undefined)
    await consumer.handle([1, 2, 3].map((offset) => delayMessage(offset)))
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['1', '3'])
    expect(producer.to('delay_5m.dead-letter')).toMatchObject([
      { key: '2', headers: { 'kt-dead-code': 'KT_PRODUCE_FAILED' } },
    ])
  })

  test('messages sent beside a refused one are not sent again after an outage', async () => {
    const { consumer, producer } = await setUp()
    const batch = [1, 2, 3].map((offset) => delayMessage(offset))
    const answers = new Map<string, KtError>([
      ['2', refused],
      ['3', away],
    ])
    producer.refuse = ({ topic, key }) => (topic === 'cities' ? answers.get(key ?? '') : undefined)
    await expect(consumer.handle(batch)).rejects.toBe(away)
    answers.clear()
    await consumer.handle(batch, { attempt: 2 })
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['1', '3'])
    expect(producer.to('delay_5m.dead-letter')).toHaveLength(1)
  })

  test('refused messages do not count as failures of their topic', async () => {
    const { consumer, producer } = await setUp({ maxAttempts: 3 })
    producer.refuse = ({ topic, key }) => {
      if (topic !== 'cities') return undefined
      return key === '4' ? gone : refused
    }
    await consumer.handle([1, 2, 3].map((offset) => delayMessage(offset)))
    await expect(consumer.handle([delayMessage(4)])).rejects.toBe(gone)
  })

  test('nothing is given up while Kafka is away', async () => {
    const { consumer, producer } = await setUp()
    producer.refuse = () => away
    for (const attempt of [1, 9, 10, 11])
      await expect(consumer.handle([delayMessage(1)], { attempt })).rejects.toBe(away)
    expect(producer.produced).toEqual([])
  })

  test('nothing is lost when the producer is closed first', async () => {
    const { consumer, producer } = await setUp()
    producer.refuse = () => closed
    for (const attempt of [1, 10])
      await expect(consumer.handle([delayMessage(1), delayMessage(2)], { attempt })).rejects.toBe(closed)
    expect(producer.produced).toEqual([])
  })

  test('messages of a topic become dead letters after maxAttempts consecutive failures', async () => {
    const { consumer, producer } = await setUp({ maxAttempts: 3 })
    const batch = [delayMessage(1), delayMessage(2, { to: 'gone' })]
    for (const answer of [gone, gone, away, gone, gone]) {
      producer.refuse = ({ topic }) => (topic === 'gone' ? answer : undefined)
      await expect(consumer.handle(batch, { attempt: 50 })).rejects.toBe(answer)
    }
    await consumer.handle(batch, { attempt: 51 })
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['1'])
    expect(producer.to('delay_5m.dead-letter').map(({ key }) => key)).toEqual(['2'])
  })

  test('a failing topic neither repeats nor delays the messages of others', async () => {
    const { consumer, producer } = await setUp({ maxAttempts: 3 })
    producer.refuse = ({ topic }) => (topic === 'gone' ? gone : undefined)
    const unreadable = new TextEncoder().encode('{')
    const batch = [delayMessage(1), delayMessage(2, { to: 'gone' }), delayMessage(3, { value: unreadable })]
    await expect(consumer.handle(batch)).rejects.toBe(gone)
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['1'])
    await expect(consumer.handle(batch, { attempt: 2 })).rejects.toBe(gone)
    await consumer.handle(batch, { attempt: 3 })
    // The topic is known to fail by now, so the next batch isn't delayed.
    await consumer.handle([delayMessage(4, { to: 'gone' }), delayMessage(5)])
    expect(producer.to('cities').map(({ key }) => key)).toEqual(['1', '5'])
    expect(producer.to('delay_5m.dead-letter').map(({ key }) => key)).toEqual(['3', '2', '4'])
  })

  test('nothing is given up after a long outage, even if Kafka accepts dead letters by then', async () => {
    const { consumer, producer } = await setUp()
    const batch = [delayMessage(1), delayMessage(2, { to: 'countries' })]
    producer.refuse = ({ topic }) => (topic === 'countries' ? away : undefined)
    for (const attempt of [1, 10, 1000]) await expect(consumer.handle(batch, { attempt })).rejects.toBe(away)
    expect(producer.to('delay_5m.dead-letter')).toEqual([])
    producer.refuse = () => undefined
    await consumer.handle(batch, { attempt: 1001 })
    expect(producer.to('countries').map(({ key }) => key)).toEqual(['2'])
  })

  test('a message that is refused even as a dead letter is skipped, and an error is logged', async () => {
    const error = vi.fn<Logger['error']>()
    const { consumer, producer } = await setUp({ logger: { ...silentLogger, error } })
    producer.refuse = ({ key }) => (key === '2' ? refused : undefined)
    await consumer.handle([1, 2, 3].map((offset) => delayMessage(offset)))
    expect(producer.produced.map(({ key }) => key)).toEqual(['1', '3'])
    expect(error.mock.lastCall?.[1]).toMatchObject({ partition: 0, offset: '2' })
  })
})

describe('life cycle', () => {
  test('passes its options to the consumer', async () => {
    const { consumer } = await setUp({ name: 'net', partition: 3, batchSize: 10 })
    expect(consumer.options).toMatchObject({ topic: 'delay_5m', name: 'net', partition: 3, batchSize: 10 })
  })

  test('uses one consumer group per topic by default', async () => {
    const { consumer } = await setUp()
    expect(consumer.options?.name).toBe('delay_5m_delayer')
  })

  test("warns when the topic does not use the broker's clock", async () => {
    const warn = vi.fn<Logger['warn']>()
    const consumer = new MemoryConsumer()
    const options = { consumer, producer: new MemoryProducer(), topic: 'delay_5m' }
    const logger = { ...silentLogger, warn }
    await new Delayer({ ...options, logger }).run()
    expect(warn).not.toHaveBeenCalled()
    consumer.settings = { 'message.timestamp.type': 'CreateTime' }
    await new Delayer({ ...options, logger }).run()
    expect(warn.mock.calls[0]?.[1]).toMatchObject({ type: 'CreateTime' })
  })

  test.each([
    [{ 'cleanup.policy': 'compact', 'retention.ms': '1000' }, [{ policy: 'compact' }]],
    [{ 'cleanup.policy': 'compact,delete', 'retention.ms': '-1' }, [{ policy: 'compact,delete' }]],
    [{ 'cleanup.policy': 'delete', 'retention.ms': '300000' }, [{ retentionMs: '300000' }]],
    [{ 'cleanup.policy': 'delete', 'retention.ms': '300001' }, []],
    [{ 'cleanup.policy': 'delete', 'retention.ms': '-1' }, []],
    [{}, []],
  ])(
    'logs an error when the delay topic may lose messages before they are due: %j',
    async (settings, expected) => {
      const error = vi.fn<Logger['error']>()
      const consumer = new MemoryConsumer()
      consumer.settings = settings
      await setUp({ consumer, logger: { ...silentLogger, error } })
      expect(error.mock.calls.map(([, fields]) => fields)).toMatchObject(expected)
      expect(error).toHaveBeenCalledTimes(expected.length)
    },
  )

  test('delegates to the consumption, and closes it', async () => {
    const { consumer, delayer } = await setUp()
    await delayer.run()
    await delayer.whenCaughtUp()
    expect(await delayer.lag()).toBe(7n)
    await delayer.close()
    await delayer.close()
    expect(consumer.closes).toBeGreaterThan(0)
    await expect(delayer.run()).rejects.toMatchObject({ code: 'KT_CLOSED' })
    await expect(delayer.lag()).rejects.toMatchObject({ code: 'KT_CLOSED' })
  })

  test.each([
    ['consumer', {}],
    ['producer', {}],
    ['topic', ''],
    ['delayMs', -1],
    ['delayTopic', 'delay_5m'],
    ['partition', 0.5],
    ['name', ''],
    ['batchSize', 0],
    ['maxAttempts', 0],
    ['logger', {}],
    ['meter', {}],
  ])('validates %s', (option, value) => {
    const valid = { consumer: new MemoryConsumer(), producer: new MemoryProducer(), topic: 'delay_5m' }
    expect(() => new Delayer({ ...valid, [option]: value })).toThrow(`"${option}"`)
  })
})
