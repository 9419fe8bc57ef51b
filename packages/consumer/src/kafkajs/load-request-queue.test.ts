import { silentLogger } from '@kt/core'
import { Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { Consumer } from '../consumer.ts'
import { loadRequestQueue } from './load-request-queue.ts'

type QueueModule = { readonly default: { readonly prototype: object } }
const { default: QueueClass } = (await loadRequestQueue()) as QueueModule

/** Consumes in vain: nobody listens there. */
async function consume(mendIdlePolling?: boolean): Promise<void> {
  const kafka = new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 } })
  const options = { kafka, logger: silentLogger, joinTimeoutMs: 1 }
  const consumer = new Consumer({ ...options, ...(mendIdlePolling !== undefined && { mendIdlePolling }) })
  await expect(consumer.consume({ topic: 't', name: 'n' }, async () => undefined)).rejects.toMatchObject({
    name: 'KtError',
  })
}

test('mendIdlePolling: by default the request queue is mended; with false kafkajs is left alone', async () => {
  const own: unknown = Reflect.get(QueueClass.prototype, 'scheduleCheckPendingRequests')
  const isMended = (): boolean => Reflect.get(QueueClass.prototype, 'scheduleCheckPendingRequests') !== own
  await consume(false)
  expect(isMended()).toBe(false)
  await consume()
  expect(isMended()).toBe(true)
})
