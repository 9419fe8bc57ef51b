import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { NextLook } from './next-look.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** How long it takes until it is time. */
async function msUntilDue(look: NextLook, deadline = Infinity, signal?: AbortSignal): Promise<number> {
  const startedAt = Date.now()
  const due = look.due(deadline, signal).then(() => Date.now() - startedAt)
  await vi.advanceTimersByTimeAsync(10_000)
  return due
}

test('the broker is asked ever less often', async () => {
  const look = new NextLook(new Map([[0, 10n]]))
  expect(await msUntilDue(look)).toBe(20)
  expect(await msUntilDue(look)).toBe(500)
  expect(await msUntilDue(look)).toBe(500)
})

test('a commit that reaches a goal is the time to ask, once for each partition', async () => {
  const look = new NextLook(
    new Map([
      [0, 10n],
      [1, 10n],
    ]),
  )
  look.committed(new Map([[0, 9n]]))
  expect(await msUntilDue(look)).toBe(20)
  look.committed(new Map([[0, 10n]]))
  expect(await msUntilDue(look)).toBe(0)
  look.committed(new Map([[0, 10n]]))
  expect(await msUntilDue(look)).toBe(500)
  look.committed(new Map([[1, 11n]]))
  expect(await msUntilDue(look)).toBe(0)
})

test('the wait ends in time', async () => {
  const look = new NextLook(new Map())
  expect(await msUntilDue(look, Date.now() + 5)).toBe(5)
  expect(await msUntilDue(look, Infinity, AbortSignal.abort())).toBe(0)
})
