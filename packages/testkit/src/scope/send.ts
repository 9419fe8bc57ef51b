import type { Kafka } from 'kafkajs'

/** A message to be put into a topic, by kafkajs alone: tests of a consumer shall not depend on our producer. */
export interface TestRecord {
  readonly value: string | Buffer | null
  readonly key?: string
  readonly partition?: number
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Resolves when all replicas have each of them once: when one partition of a new topic has no leader yet, kafkajs sends
 * the others' messages again, and only an idempotent producer's are not written twice then.
 */
export async function send(kafka: Kafka, topic: string, records: readonly TestRecord[]): Promise<void> {
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    await producer.send({ topic, acks: -1, messages: records.map((record) => ({ ...record })) })
  } finally {
    await producer.disconnect()
  }
}
