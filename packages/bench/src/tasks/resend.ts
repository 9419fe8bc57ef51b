import { Delayer } from '@kt/delayer'
import type { KafkaMessage, Message } from 'kafkajs'
import type { Addresses } from '../harness/addresses.ts'
import { newConsumer, newKafka, newProducer } from '../harness/connections.ts'

export interface Resend extends Addresses {
  /** The delay topic. All its messages are due. */
  readonly topic: string
  readonly group: string
  readonly count: number
}

interface DelayValue {
  readonly topic: string
  readonly payload: { readonly id: number }
}

/** Resolves with the milliseconds until our Delayer has re-sent and committed all, including joining its group. */
export async function resend({ topic, group, ...addresses }: Resend): Promise<number> {
  const delayer = new Delayer({
    consumer: newConsumer(addresses),
    producer: newProducer(addresses),
    topic,
    name: group,
    delayMs: 1,
  })
  const startedAt = performance.now()
  await delayer.run()
  await delayer.whenCaughtUp({ timeoutMs: 900_000 })
  return performance.now() - startedAt
}

/** A loop on kafkajs alone, without a delay: reads a batch, sends its messages with their headers, and repeats. */
export async function resendBare({ topic, group, count, ...addresses }: Resend): Promise<number> {
  const kafka = newKafka(addresses)
  const consumer = kafka.consumer({ groupId: group })
  const producer = kafka.producer()
  const startedAt = performance.now()
  await Promise.all([consumer.connect(), producer.connect()])
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    let sent = 0
    const forward = async (batch: readonly KafkaMessage[]): Promise<void> => {
      const byTopic = new Map<string, Message[]>()
      for (const { value, headers = {} } of batch) {
        const { topic: target, payload } = JSON.parse(String(value)) as DelayValue
        const messages = byTopic.get(target) ?? []
        messages.push({ key: String(payload.id), value: JSON.stringify(payload), headers })
        byTopic.set(target, messages)
      }
      const topicMessages = [...byTopic].map(([name, messages]) => ({ topic: name, messages }))
      await producer.sendBatch({ acks: -1, topicMessages })
      sent += batch.length
      if (sent >= count) resolve()
    }
    consumer.run({ eachBatch: ({ batch }) => forward(batch.messages) }).catch(reject)
  })
  return performance.now() - startedAt
}
