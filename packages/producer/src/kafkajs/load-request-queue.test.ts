import { silentLogger } from '@kt/core'
import { quietRequestQueues } from '@kt/core/internal'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadRequestQueue } from './load-request-queue.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Queue {
  throttledUntil: number
  push(request: unknown): void
  checkPendingRequests(): void
}
type QueueModule = { default: new (options: unknown) => Queue }

function request(sent: string[], name: string): unknown {
  return {
    entry: { correlationId: name },
    expectResponse: true,
    sendRequest: () => sent.push(name),
  }
}

test("kafkajs's request queue sets no timer while nothing is pending, and sends throttled requests later", async () => {
  await quietRequestQueues(loadRequestQueue, silentLogger)
  await quietRequestQueues(loadRequestQueue, silentLogger)
  const { default: RequestQueue } = (await loadRequestQueue()) as QueueModule
  const queue = new RequestQueue({ requestTimeout: 1_000, logger: silentLogger })
  const sent: string[] = []
  queue.push(request(sent, 'first'))
  queue.checkPendingRequests()
  expect(vi.getTimerCount()).toBe(0)
  queue.throttledUntil = Date.now() + 100
  queue.push(request(sent, 'throttled'))
  vi.advanceTimersByTime(90)
  expect(sent).toEqual(['first'])
  vi.advanceTimersByTime(20)
  expect(sent).toEqual(['first', 'throttled'])
  expect(vi.getTimerCount()).toBe(0)
})
