import { deadLetterTopic } from '@kt/core'
import { quietKafka } from 'testkit'
import type { WorldSettings } from '../harness/settings.ts'

/** How many messages were given up. */
export async function countDeadLetters({ brokers, topics }: WorldSettings): Promise<number> {
  const admin = quietKafka({ brokers: [...brokers] }).admin()
  await admin.connect()
  try {
    const existing = new Set(await admin.listTopics())
    let count = 0
    for (const topic of Object.values(topics)
      .map(deadLetterTopic)
      .filter((each) => existing.has(each)))
      for (const { low, high } of await admin.fetchTopicOffsets(topic)) count += Number(high) - Number(low)
    return count
  } finally {
    await admin.disconnect()
  }
}
