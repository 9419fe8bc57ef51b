import { deadLetterTopic } from '@kt/core'
import type { WorldSettings } from '../harness/settings.ts'
import { withAdmin } from './admin.ts'

/** Counts the messages that were sent to dead letters. */
export async function countDeadLetters({ brokers, topics }: WorldSettings): Promise<number> {
  return withAdmin(brokers, async (admin) => {
    const existing = new Set(await admin.listTopics())
    let count = 0
    for (const topic of Object.values(topics).map(deadLetterTopic)) {
      const ends = existing.has(topic) ? await admin.fetchTopicOffsets(topic) : []
      for (const { low, high } of ends) count += Number(high) - Number(low)
    }
    return count
  })
}
