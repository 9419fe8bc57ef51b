import { KtError, silentLogger, toDeadLetter } from '@kt/core'
import type { Consumption, Message } from '@kt/core'
import { expect, test } from 'vitest'
import { FakeConsumer, FakeProducer, message } from '../../../test/support/fakes.ts'
import type { RedriveOptions } from './options.ts'
import { redrive } from './redrive.ts'

/** A dead letter of `cities`, as a message of its topic. */
function letter(id: string, offset: bigint, code = 'KT_DOCUMENT_REJECTED'): Message {
  const headers = { 'kt-change-id': 'c', 'kt-delayed': '1', 'kt-cascade': 'own', traceparent: '00-1' }
  const given = { ...message({ id }, { headers }), key: id }
  return { ...given, ...toDeadLetter(given, { code, attempts: 1 }), offset }
}

/** Delivers the letters of partition 0. `ends` is its end offset at the call. */
class LetterConsumer extends FakeConsumer {
  readonly letters: readonly Message[]
  readonly end: bigint
  pause: unknown
  failures = 0

  constructor(letters: readonly Message[], end = BigInt(letters.length)) {
    super()
    this.letters = letters
    this.end = end
  }

  override async consume(...args: Parameters<FakeConsumer['consume']>): Promise<Consumption> {
    const consumption = await super.consume(...args)
    return {
      ...consumption,
      ends: () => Promise.resolve(new Map([[0, this.end]])),
      whenCaughtUp: async ({ signal } = {}) => {
        for (let attempt = 1; attempt < 10; attempt++) {
          if (signal?.aborted) break
          try {
            this.pause = await this.deliver(this.letters, { attempt })
            return
          } catch {
            this.failures = attempt
          }
        }
        throw new KtError('KT_ABORTED', 'aborted', { retryable: false })
      },
    }
  }
}

function run(consumer: LetterConsumer, options: Partial<RedriveOptions> = {}) {
  const producer = new FakeProducer()
  const result = redrive({ consumer, producer, topic: 'cities', logger: silentLogger, ...options })
  return { producer, result }
}

test('puts a letter back unchanged, except for the header that lets Indexers skip it', async () => {
  const consumer = new LetterConsumer([letter('1', 0n)])
  const { producer, result } = run(consumer)
  expect(await result).toEqual({ redriven: 1, skipped: 0 })
  expect(consumer.options).toMatchObject({ topic: 'cities.dead-letter', name: 'cities_redrive' })
  expect(producer.sent).toEqual([
    {
      value: message({ id: '1' }).value,
      topic: 'cities',
      key: '1',
      headers: { 'kt-cascade': 'own', 'kt-first-seen': '1970-01-01T00:00:00.000Z', traceparent: '00-1' },
    },
  ])
  expect(consumer.closed).toBe(1)
})

test('leaves letters that the filter refuses, and messages that are no letters of this topic', async () => {
  const stranger = { ...letter('2', 1n), headers: {} }
  const other = { ...letter('3', 2n), headers: { ...letter('3', 2n).headers, 'kt-dead-topic': 'countries' } }
  const letters = [letter('1', 0n), stranger, other, letter('4', 3n, 'KT_LOAD_FAILED')]
  const { producer, result } = run(new LetterConsumer(letters), {
    filter: ({ code }) => code === 'KT_LOAD_FAILED',
  })
  expect(await result).toEqual({ redriven: 1, skipped: 3 })
  expect(producer.sent.map(({ topic, key }) => [topic, key])).toEqual([
    ['cities', '4'],
    ['cities.dead-letter', '1'],
    ['cities.dead-letter', '2'],
    ['cities.dead-letter', '3'],
  ])
  const { value, headers, key, topic } = letters[0] as Message
  expect(producer.sent[1]).toEqual({ value, headers, key, topic, partition: 0 })
})

test('leaves letters alone that came after the call', async () => {
  const consumer = new LetterConsumer([letter('1', 0n), letter('2', 1n)], 1n)
  const { producer, result } = run(consumer)
  expect(await result).toEqual({ redriven: 1, skipped: 0 })
  expect(producer.sent.map(({ key }) => key)).toEqual(['1'])
  expect(consumer.pause).toMatchObject({ from: 1n })
})

test('rejects with the error of the filter, and sends nothing', async () => {
  const error = new Error('mine')
  const { producer, result } = run(new LetterConsumer([letter('1', 0n), letter('2', 1n)]), {
    filter: ({ key }) => {
      if (key === '2') throw error
      return true
    },
  })
  await expect(result).rejects.toBe(error)
  expect(producer.sent).toEqual([])
})

test.each([
  ['at once when Kafka refuses a message', new KtError('KT_PRODUCE_FAILED', 'x', { retryable: false }), 1],
  [
    'after some tries when Kafka is unavailable',
    new KtError('KT_PRODUCE_TIMEOUT', 'x', { retryable: true }),
    5,
  ],
])('rejects %s', async (_when, error, tries) => {
  const producer = new FakeProducer()
  producer.batch = () => Promise.reject(error)
  const consumer = new LetterConsumer([letter('1', 0n)])
  await expect(run(consumer, { producer }).result).rejects.toBe(error)
  expect(consumer.failures).toBe(tries)
  expect(consumer.closed).toBe(1)
})

test('stops when the signal fires', async () => {
  const controller = new AbortController()
  controller.abort()
  const { result } = run(new LetterConsumer([letter('1', 0n)]), { signal: controller.signal })
  await expect(result).rejects.toMatchObject({ code: 'KT_ABORTED' })
})

test('checks its options', async () => {
  await expect(run(new LetterConsumer([]), { topic: '' }).result).rejects.toMatchObject({
    code: 'KT_OPTION_INVALID',
  })
})
