import { assert, double, integer, property } from 'fast-check'
import { expect, test } from 'vitest'
import { backoff } from './backoff.ts'

test('doubles up to the longest wait, between half of the step and the step', () => {
  const shortest = backoff({ initialMs: 100, maxMs: 1_000 }, () => 0)
  const longest = backoff({ initialMs: 100, maxMs: 1_000 }, () => 1)
  expect([1, 2, 3, 4, 5, 1_000_000].map(shortest)).toEqual([50, 100, 200, 400, 500, 500])
  expect([1, 2, 3, 4, 5, 1_000_000].map(longest)).toEqual([100, 200, 400, 800, 1_000, 1_000])
})

test('is a whole number within its bounds for any attempt', () => {
  assert(
    property(integer({ min: 1 }), double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const wait = backoff({}, () => random)(attempt)
      expect(Number.isSafeInteger(wait)).toBe(true)
      expect(wait).toBeGreaterThanOrEqual(50)
      expect(wait).toBeLessThanOrEqual(10_000)
    }),
  )
})
