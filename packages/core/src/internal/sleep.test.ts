import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { sleep } from './sleep.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('resolves after the time, and leaves no listener', async () => {
  const { signal } = new AbortController()
  const removed = vi.spyOn(signal, 'removeEventListener')
  const sleeping = sleep(1_000, signal)
  expect(vi.getTimerCount()).toBe(1)
  await vi.advanceTimersByTimeAsync(1_000)
  await sleeping
  expect(removed).toHaveBeenCalledOnce()
})

test('resolves at once when the signal fires, and leaves no timer', async () => {
  const controller = new AbortController()
  const sleeping = sleep(1_000, controller.signal)
  controller.abort()
  await sleeping
  await sleep(1_000, controller.signal)
  expect(vi.getTimerCount()).toBe(0)
})

test('a wait above the maximum of a timer does not end at once', async () => {
  let awake = false
  void sleep(Number.MAX_SAFE_INTEGER).then(() => (awake = true))
  await vi.advanceTimersByTimeAsync(86_400_000)
  expect(awake).toBe(false)
})
