import { silentLogger } from '@kt/core'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test, vi } from 'vitest'
import { Consumer } from './consumer.ts'
import { loadRequestQueue } from './kafkajs/load-request-queue.ts'

/** Fails to consume, because no broker listens there. */
async function consume(mendIdlePolling?: boolean): Promise<void> {
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const options = { kafka, logger: silentLogger, joinTimeoutMs: 1 }
  const consumer = new Consumer({ ...options, ...(mendIdlePolling !== undefined && { mendIdlePolling }) })
  const consumed = consumer.consume({ topic: 'topic', name: 'name' }, async () => undefined)
  await expect(consumed).rejects.toMatchObject({ code: 'KT_CONSUME_FAILED' })
}

test('mendIdlePolling fixes kafkajs by default, and leaves it unchanged with false', async () => {
  const { default: queue } = (await loadRequestQueue()) as { default: { prototype: object } }
  const method = (): unknown => Reflect.get(queue.prototype, 'scheduleCheckPendingRequests')
  const original = method()
  expect(original).toBeTypeOf('function')
  await consume(false)
  expect(method()).toBe(original)
  await consume()
  await vi.waitFor(() => expect(method()).not.toBe(original))
})
