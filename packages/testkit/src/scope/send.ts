import type { Kafka, ProducerConfig } from 'kafkajs'

/** A message to be put into a topic, by kafkajs alone: tests of a consumer shall not depend on our producer. */
export interface TestRecord {
  readonly value: string | Buffer | null
  readonly key?: string
  readonly partition?: number
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Each message is written once: when one partition of a new topic has no leader yet, kafkajs sends the others' messages
 * again, and only an idempotent producer's are not written twice then. It can not start while any broker is away.
 */
export const eachOnce: ProducerConfig = { idempotent: true, maxInFlightRequests: 1 }

/** Resolves when all replicas have all of them. */
export async function send(
  kafka: Kafka,
  topic: string,
  records: readonly TestRecord[],
  config: ProducerConfig = {},
): Promise<void> {
  const producer = kafka.producer(config)
  await producer.connect()
  try {
    await producer.send({ topic, acks: -1, messages: records.map((record) => ({ ...record })) })
  } finally {
    await producer.disconnect()
  }
}
