import { expect, test } from 'vitest'
import { fakeKafka } from '../test/support/fake-kafka.ts'
import { KafkaClient } from './kafka-client.ts'
import { resolveProducerOptions } from './options.ts'
import { OutgoingMessage } from './outgoing-message.ts'
import { PendingCall } from './pending-call.ts'

test('disconnects only after what it was given before', async () => {
  const fake = fakeKafka()
  const client = new KafkaClient(resolveProducerOptions({ kafka: fake.kafka }))
  const message = (): OutgoingMessage => new OutgoingMessage('x', { topic: 'a' }, new PendingCall('a'))
  await client.send('a', [message()])
  const sending = client.send('a', [message()])
  const retiring = client.retire()
  expect(await sending).toEqual(new Set([0]))
  await retiring
  await client.retire()
  expect(fake.open).toBe(0)
})
