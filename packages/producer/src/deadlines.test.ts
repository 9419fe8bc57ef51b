import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Deadlines } from './deadlines.ts'
import { PendingCall } from './pending-call.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('ends each call when its own time is over, unless it was stopped or renewed', () => {
  const expired: string[] = []
  const deadlines = new Deadlines(1_000, ({ topic }) => expired.push(topic))
  const [first, stopped, renewed] = ['first', 'stopped', 'renewed'].map((topic) => new PendingCall(topic))
  if (!first || !stopped || !renewed) throw new Error('unreachable')
  deadlines.start(first)
  vi.advanceTimersByTime(400)
  deadlines.start(stopped)
  deadlines.start(renewed)
  vi.advanceTimersByTime(599)
  expect(expired).toEqual([])
  deadlines.start(renewed)
  deadlines.stop(stopped)
  vi.advanceTimersByTime(1)
  expect(expired).toEqual(['first'])
  expect([...deadlines.open()]).toEqual([renewed])
  vi.advanceTimersByTime(1_000)
  expect(expired).toEqual(['first', 'renewed'])
})

test('has no timer left when no call is open', () => {
  const deadlines = new Deadlines(1_000, () => undefined)
  const call = new PendingCall('cities')
  deadlines.start(call)
  expect(vi.getTimerCount()).toBe(1)
  deadlines.stop(call)
  expect(vi.getTimerCount()).toBe(0)
})
