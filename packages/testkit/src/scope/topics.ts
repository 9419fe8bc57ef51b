import type { Admin, Kafka } from 'kafkajs'
import { waitFor } from '../wait-for.ts'

export interface CreateTopicOptions {
  /** @defaultValue 1 */
  readonly partitions?: number
  /** For example `{ 'message.timestamp.type': 'LogAppendTime' }`. */
  readonly config?: Readonly<Record<string, string>>
}

/** Creates the topic. Resolves with its name when the leaders of all partitions answer. */
export async function createTopic(
  kafka: Kafka,
  topic: string,
  { partitions = 1, config = {} }: CreateTopicOptions = {},
): Promise<string> {
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  await withAdmin(kafka, async (admin) => {
    // Leaders are awaited below, because kafkajs gives up on the first answer without one.
    const topics = [{ topic, numPartitions: partitions, configEntries }]
    await admin.createTopics({ topics, waitForLeaders: false })
    await waitFor(() => isServed(admin, topic, partitions), {
      what: `That every partition of ${topic} is served`,
    })
  })
  return topic
}

/** Deletes all topics whose names have the prefix. */
export async function deleteTopics(kafka: Kafka, prefix: string): Promise<void> {
  await withAdmin(kafka, async (admin) => {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(prefix))
    if (topics.length > 0) await admin.deleteTopics({ topics })
  })
}

export async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Lists offsets, because a busy broker announces itself as a leader some time before it serves the partition. */
async function isServed(admin: Admin, topic: string, partitions: number): Promise<boolean> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
  const found = topics[0]?.partitions ?? []
  if (found.length < partitions || found.some(({ leader }) => leader < 0)) return false
  const offsets = await admin.fetchTopicOffsets(topic)
  return offsets.length === partitions
}
