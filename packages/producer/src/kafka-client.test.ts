import { expect, test } from 'vitest'
import { fakeKafka } from '../test/support/fake-kafka.ts'
import { KafkaClient } from './kafka-client.ts'
import { loadRequestQueue } from './kafkajs/load-request-queue.ts'
import { resolveProducerOptions } from './options.ts'

test('disconnects only after its pending messages', async () => {
  const fake = fakeKafka()
  const client = new KafkaClient(resolveProducerOptions({ kafka: fake.kafka, mendIdlePolling: false }))
  await client.send('a', [{ value: 'x' }])
  const sending = client.send('a', [{ value: 'x' }])
  const retiring = client.retire()
  expect([...(await sending).keys()]).toEqual([0])
  await retiring
  await client.retire()
  expect(fake.open).toBe(0)
})

test("fixes kafkajs's request queue, unless that is switched off", async () => {
  const { default: RequestQueue } = (await loadRequestQueue()) as {
    default: { prototype: Record<string, unknown> }
  }
  const method = (): unknown => RequestQueue.prototype['scheduleCheckPendingRequests']
  const original = method()
  const send = async (mendIdlePolling: boolean): Promise<void> => {
    const client = new KafkaClient(resolveProducerOptions({ kafka: fakeKafka().kafka, mendIdlePolling }))
    await client.send('a', [{ value: 'x' }])
    await client.retire()
  }
  await send(false)
  await loadRequestQueue()
  expect(method()).toBe(original)
  await send(true)
  await expect.poll(method).not.toBe(original)
})
