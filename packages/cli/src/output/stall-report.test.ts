import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { StallReport } from './stall-report.ts'

const lines: string[] = []
beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line))
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
  lines.length = 0
})

test('work that waited for a frozen database said nothing', async () => {
  const requireServices = () => Promise.reject(new Error('The database did not answer'))
  using _ = new StallReport({ requireServices })
  await vi.advanceTimersByTimeAsync(60_000)
  expect(lines).toHaveLength(4)
  expect(lines[1]).toContain('Nothing has moved for 30 s: The database did not answer')
})

test('work that moved on or ended while the services were asked is not reported', async () => {
  const requireServices = () =>
    new Promise<never>((_, reject) => setTimeout(reject, 5_000, new Error('late')))
  const report = new StallReport({ requireServices })
  await vi.advanceTimersByTimeAsync(16_000)
  report.moved()
  await vi.advanceTimersByTimeAsync(30_000)
  report[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(lines).toEqual([])
})

test('work that moves on is not reported, and neither is work that has ended', async () => {
  const report = new StallReport({ requireServices: () => Promise.resolve() })
  for (let seconds = 0; seconds < 60; seconds += 10) {
    report.moved()
    await vi.advanceTimersByTimeAsync(10_000)
  }
  report[Symbol.dispose]()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(lines).toEqual([])
})
