import type { Kafka } from 'kafkajs'

/** A message to be put into a topic, by kafkajs alone: tests of a consumer shall not depend on our producer. */
export interface TestRecord {
  readonly value: string | Buffer | null
  readonly key?: string
  readonly partition?: number
  readonly headers?: Readonly<Record<string, string>>
}

/** Resolves when all replicas have all of them. */
export async function send(kafka: Kafka, topic: string, records: readonly TestRecord[]): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  try {
    await producer.send({ topic, acks: -1, messages: records.map((record) => ({ ...record })) })
  } finally {
    await producer.disconnect()
  }
}
