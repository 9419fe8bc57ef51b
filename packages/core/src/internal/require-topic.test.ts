import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { KtError } from '../errors/kt-error.ts'
import type { MessageProducer } from '../ports/message-producer.ts'
import { requireTopic } from './require-topic.ts'

const slow = new KtError('KT_PRODUCE_TIMEOUT', 'Kafka did not answer', { retryable: true })
const missing = new KtError('KT_PRODUCE_FAILED', 'The topic does not exist', { retryable: true })

const identity = (error: unknown): unknown => error

function producerThat(...outcomes: (KtError | undefined)[]): MessageProducer & { asked: () => number } {
  let asked = 0
  return {
    asked: () => asked,
    produce: () => Promise.reject(new Error('Not expected')),
    batch: () => Promise.reject(new Error('Not expected')),
    ensureTopic: () => {
      const outcome = outcomes[Math.min(asked, outcomes.length - 1)]
      asked += 1
      return outcome === undefined ? Promise.resolve() : Promise.reject(outcome)
    },
  }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('retries while Kafka is slow', async () => {
  const producer = producerThat(slow, slow, undefined)
  const required = requireTopic(producer, 'letters', 'dead letters')
  await vi.runAllTimersAsync()
  await required
  expect(producer.asked()).toBe(3)
})

test('rejects at once when the topic is missing', async () => {
  const producer = producerThat(missing)
  await expect(requireTopic(producer, 'letters', 'dead letters')).rejects.toMatchObject({
    code: 'KT_PRODUCE_FAILED',
    cause: missing,
  })
  expect(producer.asked()).toBe(1)
})

test('rejects after a minute when Kafka stays away', async () => {
  const outcome = requireTopic(producerThat(slow), 'letters', 'dead letters').catch(identity)
  await vi.runAllTimersAsync()
  expect(await outcome).toMatchObject({ code: 'KT_PRODUCE_FAILED', cause: slow, retryable: true })
})

test('stops waiting on close', async () => {
  const closing = new AbortController()
  const outcome = requireTopic(producerThat(slow), 'letters', 'dead letters', closing.signal).catch(identity)
  await vi.advanceTimersByTimeAsync(10)
  closing.abort()
  expect(await outcome).toMatchObject({ code: 'KT_ABORTED' })
})
