import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { CatchUpPoller } from './catch-up-poller.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const twoGoals = new Map([
  [0, 10n],
  [1, 10n],
])

/** How long it takes until it is time. */
async function msUntilDue(poller: CatchUpPoller, deadline = Infinity, signal?: AbortSignal): Promise<number> {
  const startedAt = Date.now()
  const due = poller.due(deadline, signal).then(() => Date.now() - startedAt)
  await vi.advanceTimersByTimeAsync(10_000)
  return due
}

test('the broker is asked ever less often what other workers have done', async () => {
  const poller = new CatchUpPoller(twoGoals, () => false)
  expect(await msUntilDue(poller)).toBe(20)
  expect(await msUntilDue(poller)).toBe(500)
  expect(await msUntilDue(poller)).toBe(500)
})

test('while this worker is behind, the broker is hardly asked; the commit that reaches its last goal is the time', async () => {
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

test('one commit may reach all goals', async () => {
  const poller = new CatchUpPoller(twoGoals, () => true)
  poller.committed(twoGoals)
  expect(await msUntilDue(poller)).toBe(0)
})

test('a goal that the broker has seen reached is waited for no longer', async () => {
  const poller = new CatchUpPoller(twoGoals, () => true)
  poller.reached(0)
  expect(await msUntilDue(poller)).toBe(500)
  poller.committed(new Map([[1, 10n]]))
  expect(await msUntilDue(poller)).toBe(0)
})

test('a partition that has gone to another worker is not waited for as if it were ours', async () => {
  const ours = new Set([0])
  const poller = new CatchUpPoller(new Map([[0, 10n]]), (partition) => ours.has(partition))
  ours.clear()
  expect(await msUntilDue(poller)).toBe(20)
})

test('the wait ends in time', async () => {
  const poller = new CatchUpPoller(new Map(), () => true)
  expect(await msUntilDue(poller, Date.now() + 5)).toBe(5)
  expect(await msUntilDue(poller, Infinity, AbortSignal.abort())).toBe(0)
})
