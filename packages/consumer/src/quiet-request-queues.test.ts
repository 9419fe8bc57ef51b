import { createRequire } from 'node:module'
import { quietRequestQueues } from '@kt/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

interface Queue {
  throttledUntil: number
  push(request: unknown): void
  checkPendingRequests(): void
}
const require = createRequire(import.meta.url)
const RequestQueue = require('kafkajs/src/network/requestQueue') as new (options: unknown) => Queue

const logger = { debug: () => undefined }

function request(sent: string[], name: string): unknown {
  return {
    entry: { correlationId: name },
    expectResponse: true,
    sendRequest: () => sent.push(name),
  }
}

test('nothing is looked for while nothing is pending; what has to wait is sent', () => {
  quietRequestQueues(require)
  quietRequestQueues(require)
  const queue = new RequestQueue({ requestTimeout: 1_000, logger })
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
