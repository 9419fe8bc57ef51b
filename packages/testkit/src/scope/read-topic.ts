import { randomUUID } from 'node:crypto'
import type { Message } from '@kt/core'
import type { EachBatchPayload, IHeaders, Kafka, KafkaMessage } from 'kafkajs'
import { withAdmin } from './topics.ts'

/** A message as stored in the topic. */
export interface TopicMessage extends Message {
  /** The value as text. */
  readonly text: string | null
}

/** Reads all partitions from their start to their end at the time of the call. */
export async function readTopic(kafka: Kafka, topic: string): Promise<TopicMessage[]> {
  const offsets = await withAdmin(kafka, (admin) => admin.fetchTopicOffsets(topic))
  const missing = new Map<number, bigint>()
  for (const { partition, low, high } of offsets) {
    if (BigInt(high) > BigInt(low)) missing.set(partition, BigInt(high))
  }
  if (missing.size === 0) return []
  const messages = await consumeUntil(kafka, topic, missing)
  return messages.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset))
}

/** @param missing the partitions still to be read, with the offset at which each ends */
async function consumeUntil(
  kafka: Kafka,
  topic: string,
  missing: Map<number, bigint>,
): Promise<TopicMessage[]> {
  const messages: TopicMessage[] = []
  const consumer = kafka.consumer({ groupId: `read-${randomUUID()}`, maxWaitTimeInMs: 100 })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      // kafkajs restarts by itself after most crashes.
      consumer.on('consumer.crash', ({ payload }) => payload.restart || reject(payload.error))
      const eachBatch = ({ batch }: EachBatchPayload): Promise<void> => {
        const end = missing.get(batch.partition)
        const wanted = batch.messages.filter(({ offset }) => end !== undefined && BigInt(offset) < end)
        messages.push(...wanted.map((message) => toTopicMessage(topic, batch.partition, message)))
        if (end !== undefined && BigInt(batch.lastOffset()) >= end - 1n) missing.delete(batch.partition)
        if (missing.size === 0) resolve()
        return Promise.resolve()
      }
      // Commits nothing, so that the group has no offsets and leaves no trace.
      consumer.run({ autoCommit: false, eachBatch }).catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return messages
}

function toTopicMessage(topic: string, partition: number, message: KafkaMessage): TopicMessage {
  const { key, value, headers = {}, offset, timestamp } = message
  return {
    topic,
    partition,
    offset: BigInt(offset),
    key: key?.toString() ?? null,
    value,
    text: value?.toString() ?? null,
    headers: toTextHeaders(headers),
    timestampMs: Number(timestamp),
  }
}

function toTextHeaders(headers: IHeaders): Record<string, string> {
  const entries = Object.entries(headers).map(([name, value]) => [name, String(value)])
  return Object.fromEntries(entries) as Record<string, string>
}
