import type { Kafka, ProducerConfig } from 'kafkajs'

/** A message sent with kafkajs alone, so that tests of a consumer do not depend on our producer. */
export interface TestRecord {
  readonly value: string | Buffer | null
  readonly key?: string
  readonly partition?: number
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Writes each message once. If one partition of a new topic has no leader yet, kafkajs sends the messages of the others
 * again. Only an idempotent producer then avoids duplicates. It can't start while any broker is down.
 */
export const eachOnce: ProducerConfig = { idempotent: true, maxInFlightRequests: 1 }

/** Resolves when all replicas have all messages. */
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
