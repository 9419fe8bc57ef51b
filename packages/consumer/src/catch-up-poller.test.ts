import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CatchUpPoller } from './catch-up-poller.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const twoGoals = new Map([
  [0, 10n],
  [1, 10n],
])

/** The time until the next poll is due. */
async function msUntilDue(poller: CatchUpPoller, deadline = Infinity, signal?: AbortSignal): Promise<number> {
  const startedAt = Date.now()
  const due = poller.due(deadline, signal).then(() => Date.now() - startedAt)
  await vi.advanceTimersByTimeAsync(10_000)
  return due
}

test('polls less and less often for goals of other workers', async () => {
  const poller = new CatchUpPoller(twoGoals, () => false)
  expect(await msUntilDue(poller)).toBe(2)
  expect(await msUntilDue(poller)).toBe(500)
  expect(await msUntilDue(poller)).toBe(500)
})

test('polls seldom while this worker is behind, and at once when a commit reaches its last goal', async () => {
  const poller = new CatchUpPoller(twoGoals, () => true)
  expect(await msUntilDue(poller)).toBe(500)
  poller.committed(new Map([[0, 10n]]))
  expect(await msUntilDue(poller)).toBe(500)
  poller.committed(new Map([[1, 9n]]))
  expect(await msUntilDue(poller)).toBe(500)
  poller.committed(new Map([[1, 11n]]))
  expect(await msUntilDue(poller)).toBe(0)
  poller.committed(new Map([[1, 12n]]))
  expect(await msUntilDue(poller)).toBe(500)
})

test('polls at once when one commit reaches all goals', async () => {
  const poller = new CatchUpPoller(twoGoals, () => true)
  poller.committed(twoGoals)
  expect(await msUntilDue(poller)).toBe(0)
})

test('does not wait for a goal that a poll has seen reached', async () => {
  const poller = new CatchUpPoller(twoGoals, () => true)
  poller.reached(0)
  expect(await msUntilDue(poller)).toBe(500)
  poller.committed(new Map([[1, 10n]]))
  expect(await msUntilDue(poller)).toBe(0)
})

test('treats a partition that went to another worker as not its own', async () => {
  const ours = new Set([0])
  const poller = new CatchUpPoller(new Map([[0, 10n]]), (partition) => ours.has(partition))
  ours.clear()
  expect(await msUntilDue(poller)).toBe(2)
})

test('ends the wait at the deadline or when the signal fires', async () => {
  const poller = new CatchUpPoller(new Map(), () => true)
  expect(await msUntilDue(poller, Date.now() + 1)).toBe(1)
  expect(await msUntilDue(poller, Infinity, AbortSignal.abort())).toBe(0)
})
