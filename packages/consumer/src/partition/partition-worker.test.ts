import { noopMeter, silentLogger } from '@kt/core'
import type { Message, Pause } from '@kt/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { kafkaMessages } from '../../test/support/kafka-messages.ts'
import { PartitionWorker } from './partition-worker.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A worker whose handler returns these pauses, and the calls that it makes. */
function setUp(pauses: (Pause | undefined)[]) {
  const handled: number[][] = []
  const log: string[] = []
  const worker = new PartitionWorker({
    topic: 'delay',
    name: 'delayer',
    partition: 0,
    batchSize: 10,
    // One message fills the buffer.
    maxBufferedBytes: 1,
    deadLetter: undefined,
    backoff: () => 1,
    logger: silentLogger,
    meter: noopMeter,
    handler: (messages: readonly Message[]) => {
      handled.push(messages.map(({ offset }) => Number(offset)))
      return Promise.resolve(pauses.shift())
    },
    commit: (_, offset) => void log.push(`commit ${offset}`),
    seek: (offset) => void log.push(`seek ${offset}`),
    onGap: () => void log.push('gap'),
    after: Promise.resolve(),
  })
  const fetched = (...offsets: number[]): void => {
    worker.push({ messages: kafkaMessages(...offsets), endOffset: BigInt((offsets.at(-1) ?? 0) + 1) }, 100n)
  }
  return { worker, handled, log, fetched, resume: () => void log.push('resume') }
}

test('drops messages during a long pause, and fetches them again before its end', async () => {
  const { worker, handled, log, fetched, resume } = setUp([{ from: 2n, forMs: 60_000 }])
  fetched(1, 2, 3)
  worker.paused(resume)
  await vi.advanceTimersByTimeAsync(57_000)
  expect(worker.isParked).toBe(true)
  expect(worker.isFull).toBe(false)
  // A fetch that was in flight when the pause began, or one after a rebalance.
  fetched(4)
  expect(log).toEqual(['commit 2'])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(log).toEqual(['commit 2', 'seek 2', 'resume'])
  fetched(2, 3, 4)
  expect(handled).toEqual([[1, 2, 3]])
  await vi.advanceTimersByTimeAsync(2_000)
  expect(handled).toEqual([
    [1, 2, 3],
    [2, 3, 4],
  ])
  expect(log.slice(3)).toEqual(['commit 5'])
  worker.end()
  await worker.ended
})

test('keeps messages during a short pause', async () => {
  const { worker, handled, log, fetched, resume } = setUp([{ from: 1n, forMs: 5_000 }])
  fetched(1, 2)
  worker.paused(resume)
  await vi.advanceTimersByTimeAsync(4_000)
  expect(worker.isParked).toBe(false)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(handled).toEqual([
    [1, 2],
    [1, 2],
  ])
  expect(log).toEqual(['commit 3', 'resume'])
  worker.end()
  await worker.ended
})

test.each(['end', 'lose'] as const)('a paused worker can %s, and does not seek after that', async (how) => {
  const { worker, log, fetched, resume } = setUp([{ from: 1n, forMs: 60_000 }])
  fetched(1, 2)
  worker.paused(resume)
  await vi.advanceTimersByTimeAsync(1_000)
  worker[how]()
  await worker.ended
  expect(log).toEqual(how === 'lose' ? ['resume'] : [])
})

test('handles messages that are fetched again after a rebalance once', async () => {
  const { worker, handled, log, fetched } = setUp([])
  fetched(1, 2, 3)
  await vi.advanceTimersByTimeAsync(1)
  worker.rejoined()
  fetched(2, 3)
  await vi.advanceTimersByTimeAsync(1)
  worker.rejoined()
  fetched(2, 3, 4, 5)
  await vi.advanceTimersByTimeAsync(1)
  expect(handled).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
  expect(log.at(-1)).toBe('commit 6')
  worker.end()
  await worker.ended
})

test('whenRoom() resolves if there was room before the call', async () => {
  const { worker, fetched } = setUp([])
  fetched(1)
  expect(worker.isFull).toBe(true)
  await vi.advanceTimersByTimeAsync(1)
  expect(await worker.whenRoom(50)).toBe(true)
  worker.end()
  await worker.ended
})
