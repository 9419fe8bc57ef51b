import type { Addresses } from '../harness/addresses.ts'
import { newConsumer, newKafka } from '../harness/connections.ts'

export interface Consume extends Addresses {
  readonly topic: string
  readonly group: string
  readonly count: number
}

/** Resolves with the milliseconds until our consumer has handled all messages, including joining its group. */
export async function consume({ topic, group, count, ...addresses }: Consume): Promise<number> {
  const consumer = newConsumer(addresses)
  const startedAt = performance.now()
  await new Promise<void>((resolve, reject) => {
    let handled = 0
    consumer
      .consume({ topic, name: group }, (messages) => {
        handled += messages.length
        if (handled >= count) resolve()
        return Promise.resolve()
      })
      .catch(reject)
  })
  return performance.now() - startedAt
}

/** Does the same with kafkajs alone, as its documentation shows it. */
export async function eachBatch({ topic, group, count, ...addresses }: Consume): Promise<number> {
  const consumer = newKafka(addresses).consumer({ groupId: group })
  const startedAt = performance.now()
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    let handled = 0
    consumer
      .run({
        eachBatch: ({ batch }) => {
          handled += batch.messages.length
          if (handled >= count) resolve()
          return Promise.resolve()
        },
      })
      .catch(reject)
  })
  return performance.now() - startedAt
}
