import { expect, test } from 'vitest'
import { delayMessage } from '../test/support/messages.ts'
import { DelayLine } from './delay-line.ts'

const delayMs = 1_000

function messages(...timestamps: number[]) {
  return timestamps.map((timestampMs, offset) => delayMessage(offset, { timestampMs }))
}

test('splits a batch at the first message that is not due', () => {
  const line = new DelayLine(() => delayMs)
  const batch = messages(0, 500, 501, 0)
  const { due, next } = line.split(0, batch, 1_500)
  expect(due).toEqual(batch.slice(0, 2))
  expect(next).toEqual({ offset: 2n, dueAtMs: 1_501 })
})

test('handles batches where nothing or everything is due', () => {
  const line = new DelayLine(() => delayMs)
  const batch = messages(0, 0)
  expect(line.split(0, batch, 999)).toEqual({ due: [], next: { offset: 0n, dueAtMs: 1_000 } })
  expect(line.split(0, batch, 1_000)).toEqual({ due: batch, next: undefined })
})

test('counts the delay of a future timestamp from when the message was first seen', () => {
  const line = new DelayLine(() => delayMs)
  const [first, second, third] = messages(900_000, 900_000, 900_000)
  if (!first || !second || !third) throw new Error('unreachable')
  expect(line.split(0, [first], 100).next?.dueAtMs).toBe(1_100)
  // The second message was seen later, and waits for its own delay.
  expect(line.split(0, [first, second], 600).next?.dueAtMs).toBe(1_100)
  const { due, next } = line.split(0, [first, second, third], 1_100)
  expect(due).toEqual([first])
  expect(next).toEqual({ offset: 1n, dueAtMs: 1_600 })
  expect(line.split(0, [second, third], 1_600).next).toEqual({ offset: 2n, dueAtMs: 2_100 })
})

test('keeps partitions apart', () => {
  const line = new DelayLine(() => delayMs)
  line.split(0, messages(900_000), 0)
  expect(line.split(1, messages(900_000), 500).next?.dueAtMs).toBe(1_500)
})

test('starts over when the topic was recreated', () => {
  const line = new DelayLine(() => delayMs)
  line.split(0, [delayMessage(70, { timestampMs: 900_000 })], 0)
  expect(line.split(0, [delayMessage(3, { timestampMs: 900_000 })], 5_000).next?.dueAtMs).toBe(6_000)
})
