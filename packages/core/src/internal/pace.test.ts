import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Pace } from './pace.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

test('work waits until the work before it has had its time', async () => {
  const pace = new Pace(100)
  const begun: number[] = []
  const startedAt = performance.now()
  const work = async (): Promise<void> => {
    for (const units of [10, 50, 1]) {
      await pace.whenFree()
      begun.push(performance.now() - startedAt)
      pace.note(units)
    }
  }
  await Promise.all([work(), vi.advanceTimersByTimeAsync(1_000)])
  expect(begun).toEqual([0, 100, 600])
})

test('idle time is not saved up', async () => {
  const pace = new Pace(100)
  pace.note(1)
  await vi.advanceTimersByTimeAsync(60_000)
  pace.note(10)
  let isFree = false
  void pace.whenFree().then(() => (isFree = true))
  await vi.advanceTimersByTimeAsync(99)
  expect(isFree).toBe(false)
  await vi.advanceTimersByTimeAsync(1)
  expect(isFree).toBe(true)
})

test('there is no wait without a limit, or after an abort', async () => {
  const unlimited = new Pace(Infinity)
  unlimited.note(1_000_000)
  await unlimited.whenFree()
  const slow = new Pace(0.001)
  slow.note(1)
  await expect(slow.whenFree(AbortSignal.abort())).resolves.toBeUndefined()
})
