import { quietRequestQueues, silentLogger } from '@kt/core'
import { Kafka, logLevel } from 'kafkajs'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import { afterEach, expect, test, vi } from 'vitest'
import { Consumer } from '../consumer.ts'
import { loadRequestQueue } from './load-request-queue.ts'

interface Queue {
  throttledUntil: number
  push(request: unknown): void
  checkPendingRequests(): void
  scheduleCheckPendingRequests(): void
}
const QueueClass = RequestQueue as { new (options: object): Queue; readonly prototype: Queue }

afterEach(() => void vi.useRealTimers())

function request(sent: string[], name: string): unknown {
  return {
    entry: { correlationId: name },
    expectResponse: true,
    sendRequest: () => sent.push(name),
  }
}

/** Consumes in vain: nobody listens there. */
async function consume(mendIdlePolling?: boolean): Promise<void> {
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const options = { kafka, logger: silentLogger, joinTimeoutMs: 1 }
  const consumer = new Consumer({ ...options, ...(mendIdlePolling !== undefined && { mendIdlePolling }) })
  await expect(consumer.consume({ topic: 't', name: 'n' }, async () => undefined)).rejects.toThrow()
}

test('mendIdlePolling: by default the request queue is mended; with false kafkajs is left alone', async () => {
  const own = Reflect.get(QueueClass.prototype, 'scheduleCheckPendingRequests')
  const isMended = (): boolean => Reflect.get(QueueClass.prototype, 'scheduleCheckPendingRequests') !== own
  await consume(false)
  expect(isMended()).toBe(false)
  await consume()
  expect(isMended()).toBe(true)
})

test('an idle connection has no timer, and a request that has to wait is sent', async () => {
  await quietRequestQueues(() => loadRequestQueue(silentLogger))
  vi.useFakeTimers()
  const queue = new QueueClass({ requestTimeout: 1_000, logger: { debug: () => undefined } })
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
