import { AsyncLocalStorage } from 'node:async_hooks'
import { setImmediate } from 'node:timers/promises'
import { KtError, silentLogger } from '@kt/core'
import { sleep } from '@kt/core/internal'
import type { ProduceOptions } from '@kt/core'
import type { Message } from 'kafkajs'
import { describe, expect, test, vi } from 'vitest'
import { brokerError, fakeKafka } from '../test/support/fake-kafka.ts'
import type { FakeKafkaOptions } from '../test/support/fake-kafka.ts'
import { addHeaders, withAgent } from '../test/support/with-agent.ts'
import { Producer } from './producer.ts'
import type { ProducerOptions } from './options.ts'

function setUp(fake: FakeKafkaOptions = {}, options: Partial<ProducerOptions> = {}) {
  const kafka = fakeKafka(fake)
  return { kafka, producer: new Producer({ kafka: kafka.kafka, logger: silentLogger, ...options }) }
}

const never = (): Promise<never> => new Promise(() => undefined)

async function failure(promise: Promise<unknown>): Promise<KtError> {
  const error: unknown = await promise.catch((reason: unknown) => reason)
  if (!KtError.isInstance(error)) throw new Error('Expected a KtError', { cause: error })
  return error
}

describe('group commit', () => {
  test('calls of one tick share a request, and later ones gather while it is pending', async () => {
    let answer = (): void => undefined
    const answered = new Promise<void>((resolve) => (answer = resolve))
    const { kafka, producer } = setUp({ onRequest: (_, nth) => (nth === 1 ? answered : undefined) })
    const first = [producer.produce('1', { topic: 'a' }), producer.produce('2', { topic: 'a' })]
    await expect.poll(() => kafka.requests.length).toBe(1)
    const later = ['3', '4', '5'].map((value) => producer.produce(value, { topic: 'a' }))
    answer()
    await Promise.all([...first, ...later])
    expect(kafka.requests.map(({ values }) => values)).toEqual([
      ['1', '2'],
      ['3', '4', '5'],
    ])
  })

  test('topics do not wait for each other', async () => {
    const { producer } = setUp(
      { onRequest: ({ topic }) => (topic === 'slow' ? never() : undefined) },
      { timeoutMs: 200 },
    )
    const slow = failure(producer.produce('1', { topic: 'slow' }))
    await producer.produce('2', { topic: 'quick' })
    await producer.close()
    expect((await slow).code).toBe('KT_PRODUCE_TIMEOUT')
  })

  test('waiting behind the requests of others is no time-out', async () => {
    const { kafka, producer } = setUp({ onRequest: () => sleep(60) }, { timeoutMs: 150, maxRequestBytes: 1 })
    const values = ['1', '2', '3', '4', '5', '6']
    await Promise.all(values.map((value) => producer.produce(value, { topic: 'a' })))
    expect(kafka.requests).toHaveLength(6)
  })

  test('an acknowledgement that came while the process could not run is no time-out', async () => {
    const answerWhileFrozen = async (): Promise<void> => {
      const answered = sleep(320)
      await setImmediate()
      const endsAtMs = performance.now() + 1_000
      while (performance.now() < endsAtMs);
      await answered
    }
    const { kafka, producer } = setUp({ onRequest: answerWhileFrozen }, { timeoutMs: 600 })
    await producer.produce('1', { topic: 'a' })
    expect(kafka.requests).toHaveLength(1)
  })

  test('no request exceeds maxRequestBytes, except for a single message', async () => {
    const { kafka, producer } = setUp({}, { maxRequestBytes: 10_000 })
    const sizes = [4_000, 4_000, 4_000, 50_000, 4_000, 4_000]
    await producer.batch((batch) => {
      for (const size of sizes) batch.produce('x'.repeat(size), { topic: 'a' })
    })
    expect(kafka.requests.map(({ values }) => values.length)).toEqual([2, 1, 1, 2])
  })
})

describe('batch', () => {
  test('sends the messages of fill once it has returned, and returns its result', async () => {
    const { kafka, producer } = setUp()
    const result = await producer.batch(async (batch) => {
      batch.produce('1', { topic: 'a' })
      await Promise.resolve()
      expect(kafka.requests).toEqual([])
      batch.produce('2', { topic: 'b' })
      batch.produce(null, { topic: 'a', key: 'k' })
      return 'done'
    })
    expect(result).toBe('done')
    expect(kafka.requests).toEqual([
      { topic: 'a', values: ['1', null] },
      { topic: 'b', values: ['2'] },
    ])
  })

  test('sends nothing when fill throws, and does not connect when it adds nothing', async () => {
    const { kafka, producer } = setUp()
    const error = new Error('no')
    const failing = producer.batch((batch) => {
      batch.produce('1', { topic: 'a' })
      throw error
    })
    await expect(failing).rejects.toBe(error)
    await producer.batch(() => undefined)
    expect(kafka.connects).toBe(0)
  })
})

describe('a bad message fails only its own call', () => {
  test('a partition that does not exist', async () => {
    const { kafka, producer } = setUp({ partitions: () => 2 })
    const calls = [
      producer.produce('1', { topic: 'a', partition: 0 }),
      producer.produce('2', { topic: 'a', partition: 5 }),
      producer.produce('3', { topic: 'a', partition: 1 }),
    ] as const
    expect((await failure(calls[1])).code).toBe('KT_PARTITION_UNKNOWN')
    await Promise.all([calls[0], calls[2]])
    expect(kafka.requests[0]?.values).toEqual(['1', '2', '3'])
  })

  test('a partition that was added since the metadata were loaded is found', async () => {
    let count = 1
    const { kafka, producer } = setUp({ partitions: () => count })
    await producer.produce('1', { topic: 'a', partition: 0 })
    count = 2
    await producer.produce('2', { topic: 'a', partition: 1 })
    expect(kafka.connects).toBe(2)
    expect(kafka.open).toBe(1)
  })

  test.each(['MESSAGE_TOO_LARGE', 'INVALID_RECORD'])('a refused record: %s', async (type) => {
    const { producer } = setUp({
      onRequest: ({ values }) => {
        if (values.includes('bad')) throw brokerError(type)
      },
    })
    const good = ['1', '2', '3'].map((value) => producer.produce(value, { topic: 'a' }))
    const bad = producer.produce('bad', { topic: 'a' })
    const more = ['4', '5'].map((value) => producer.produce(value, { topic: 'a' }))
    expect(await failure(bad)).toMatchObject({ code: 'KT_PRODUCE_FAILED', retryable: false, cause: { type } })
    await Promise.all([...good, ...more])
  })
})

describe('when Kafka fails', () => {
  test('a missing topic never uses the shared client', async () => {
    const { kafka, producer } = setUp(
      {
        onRequest: ({ topic }) => {
          if (topic === 'unknown') throw brokerError('UNKNOWN_TOPIC_OR_PARTITION')
        },
      },
      { timeoutMs: 100 },
    )
    await producer.produce('1', { topic: 'a' })
    const error = await failure(producer.produce('2', { topic: 'unknown' }))
    expect(error).toMatchObject({ code: 'KT_PRODUCE_FAILED', retryable: true })
    const connects = kafka.connects
    await producer.produce('3', { topic: 'a' })
    expect(kafka.connects).toBe(connects)
    await expect.poll(() => kafka.open).toBe(1)
  })

  test('a temporary error is retried in place, so that no message overtakes another', async () => {
    const { kafka, producer } = setUp({
      onRequest: (_, nth) => {
        if (nth === 2 || nth === 3) throw brokerError('NOT_LEADER_FOR_PARTITION')
      },
    })
    await producer.produce('0', { topic: 'a' })
    const first = producer.produce('1', { topic: 'a' })
    await expect.poll(() => kafka.requests.length).toBeGreaterThan(1)
    await Promise.all([first, producer.produce('2', { topic: 'a' })])
    expect(kafka.requests.map(({ values }) => values)).toEqual([['0'], ['1'], ['1'], ['1'], ['2']])
    expect(kafka.connects).toBe(1)
  })

  test('a call rejects after its time-out, and later calls use a new connection', async () => {
    let hanging = true
    const { kafka, producer } = setUp(
      { connect: () => (hanging ? never() : Promise.resolve()) },
      { timeoutMs: 100 },
    )
    const error = await failure(producer.produce('1', { topic: 'a' }))
    expect(error).toMatchObject({
      code: 'KT_PRODUCE_TIMEOUT',
      retryable: true,
      cause: { name: 'TimeoutError' },
    })
    hanging = false
    await producer.produce('2', { topic: 'a' })
    expect(kafka.requests.map(({ values }) => values)).toEqual([['2']])
  })

  test("the error has kafkajs's error as its cause if there is one", async () => {
    const cause = new Error('connect ECONNREFUSED')
    const { kafka, producer } = setUp({ connect: () => Promise.reject(cause) }, { timeoutMs: 100 })
    const error = await failure(producer.produce('1', { topic: 'a' }))
    expect(error).toMatchObject({ code: 'KT_PRODUCE_FAILED', retryable: true, cause })
    expect(kafka.connects).toBeGreaterThan(1)
  })

  test.each([
    ['INVALID_TOPIC_EXCEPTION', false],
    ['TOPIC_AUTHORIZATION_FAILED', true],
  ])('%s is not retried', async (type, retryable) => {
    const { kafka, producer } = setUp({
      onRequest: () => {
        throw brokerError(type)
      },
    })
    const error = await failure(producer.produce('1', { topic: 'a' }))
    expect(error).toMatchObject({ code: 'KT_PRODUCE_FAILED', retryable })
    expect(kafka.requests.length).toBe(1)
  })
})

test('a client that is being replaced is not used again', async () => {
  const answers: (() => void)[] = []
  const warnings: string[] = []
  const { kafka, producer } = setUp(
    {
      onRequest: ({ values }) => {
        if (values.includes('fails') && answers.length === 1) {
          answers.push(() => undefined)
          throw brokerError('UNKNOWN_TOPIC_OR_PARTITION')
        }
        if (values.includes('slow') || values.includes('fails'))
          return new Promise((resolve) => answers.push(resolve))
        return undefined
      },
    },
    { logger: { ...silentLogger, warn: (message) => void warnings.push(message) } },
  )
  for (const topic of ['a', 'b']) await producer.produce('1', { topic })
  const slow = producer.produce('slow', { topic: 'a' })
  await expect.poll(() => answers.length).toBe(1)
  const fails = producer.produce('fails', { topic: 'b' })
  await expect.poll(() => answers.length).toBe(3)
  answers[0]?.()
  await slow
  await expect.poll(() => kafka.open).toBe(1)
  await producer.produce('2', { topic: 'a' })
  answers[2]?.()
  await fails
  await producer.close()
  expect(warnings).toEqual([])
  expect(kafka.open).toBe(0)
})

test('each attempt passes new message objects to kafkajs, without headers that an agent added before', async () => {
  const seen: Message[] = []
  const fake = fakeKafka({
    onRequest: (_, nth) => {
      if (nth === 1) throw brokerError('NOT_LEADER_FOR_PARTITION')
    },
  })
  const kafka = withAgent(fake.kafka, (message) => {
    seen.push({ ...message, headers: { ...message.headers } })
    return addHeaders(message)
  })
  const producer = new Producer({ kafka, logger: silentLogger })
  const headers = { source: 'import' }
  await producer.produce('1', { topic: 'a', key: 'k', partition: 0, headers })
  await producer.close()
  expect(seen).toEqual([1, 2].map(() => ({ value: '1', key: 'k', partition: 0, headers })))
  expect(headers).toEqual({ source: 'import' })
})

test('a request is sent in the asynchronous context of a call that shares it', async () => {
  const trace = new AsyncLocalStorage<string>()
  const traces: unknown[] = []
  const { producer } = setUp({ onRequest: () => void traces.push(trace.getStore()) })
  for (const name of ['first', 'second']) await trace.run(name, () => producer.produce(name, { topic: 'a' }))
  expect(traces).toEqual(['first', 'second'])
})

describe('keyPartitioner', () => {
  test('looks a topic up once for all callers, and closes its connection', async () => {
    const { kafka, producer } = setUp({ partitions: () => 3 })
    const [first, second] = await Promise.all([producer.keyPartitioner('a'), producer.keyPartitioner('a')])
    const third = await producer.keyPartitioner('a')
    // The Java client chooses the same partition.
    for (const partitionOf of [first, second, third]) expect(partitionOf('1')).toBe(0)
    expect(kafka).toMatchObject({ lookUps: 1, openAdmins: 0, connects: 0 })
  })

  test('looks it up again after five minutes', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0)
    const { kafka, producer } = setUp()
    await producer.keyPartitioner('a')
    now.mockReturnValue(299_000)
    await producer.keyPartitioner('a')
    expect(kafka.lookUps).toBe(1)
    now.mockReturnValue(301_000)
    await producer.keyPartitioner('a')
    expect(kafka.lookUps).toBe(2)
    now.mockRestore()
  })

  test('does not cache a failure', async () => {
    const { kafka, producer } = setUp({
      onLookUp: (_, nth) => {
        if (nth === 1) throw brokerError('UNKNOWN_TOPIC_OR_PARTITION')
      },
    })
    const error = await failure(producer.keyPartitioner('a'))
    expect(error).toMatchObject({ code: 'KT_PRODUCE_FAILED', retryable: true })
    expect((await producer.keyPartitioner('a'))('1')).toBe(0)
    expect(kafka.openAdmins).toBe(0)
  })

  test('rejects after a time-out, after close, and without an admin client', async () => {
    const { producer } = setUp({ onLookUp: never }, { timeoutMs: 50 })
    expect(await failure(producer.keyPartitioner('a'))).toMatchObject({
      code: 'KT_PRODUCE_TIMEOUT',
      retryable: true,
    })
    await producer.close()
    expect((await failure(producer.keyPartitioner('a'))).code).toBe('KT_CLOSED')
    const { producer: makeProducer } = fakeKafka().kafka
    const withoutAdmin = new Producer({ kafka: { producer: makeProducer } as ProducerOptions['kafka'] })
    expect((await failure(withoutAdmin.keyPartitioner('a'))).code).toBe('KT_OPTION_INVALID')
  })
})

describe('close', () => {
  test('flushes, disconnects, rejects later calls, and is idempotent', async () => {
    const { kafka, producer } = setUp()
    const pending = producer.produce('1', { topic: 'a' })
    const filling = failure(
      producer.batch(async (batch) => {
        batch.produce('2', { topic: 'a' })
        await pending
      }),
    )
    await Promise.all([producer.close(), producer.close()])
    await pending
    expect(kafka.open).toBe(0)
    expect((await filling).code).toBe('KT_CLOSED')
    expect((await failure(producer.produce('3', { topic: 'a' }))).code).toBe('KT_CLOSED')
    expect((await failure(producer.batch(() => undefined))).code).toBe('KT_CLOSED')
    expect(kafka.requests.flatMap(({ values }) => values)).toEqual(['1'])
  })
})

describe('validation', () => {
  test.each([
    ['kafka', {}],
    ['timeoutMs', -1],
    ['maxRequestBytes', 0],
    ['allowAutoTopicCreation', 'yes'],
    ['mendIdlePolling', 1],
    ['logger', {}],
    ['meter', {}],
  ])('option %s', (option, value) => {
    const options = { kafka: fakeKafka().kafka, [option]: value } as ProducerOptions
    expect(() => new Producer(options)).toThrow(`"${option}"`)
  })

  test.each([
    ['topic', 'x', { topic: '' }],
    ['partition', 'x', { topic: 'a', partition: -1 }],
    ['key', 'x', { topic: 'a', key: 1 }],
    ['headers', 'x', { topic: 'a', headers: { n: 1 } }],
    ['value', 1, { topic: 'a' }],
  ])('message %s', async (option, value, options) => {
    const { kafka, producer } = setUp()
    const error = await failure(producer.produce(value as string, options as ProduceOptions))
    expect(error).toMatchObject({ code: 'KT_OPTION_INVALID' })
    expect(error.message).toContain(`"${option}"`)
    expect(kafka.connects).toBe(0)
  })
})
