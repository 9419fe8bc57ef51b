import type { Admin, ITopicConfig, Kafka } from 'kafkajs'
import type { ResolvedConfig } from './config/resolve-config.ts'
import type { WantedTopic } from './config/topology.ts'

/** Runs work with an admin client of kafkajs. */
export async function withAdmin<T>(newKafka: () => Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = newKafka().admin()
  await admin.connect()
  try {
    return await work(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Returns the wanted topics that don't exist. */
export async function missingTopics(
  newKafka: () => Kafka,
  wanted: readonly WantedTopic[],
): Promise<readonly WantedTopic[]> {
  const existing = new Set(await withAdmin(newKafka, (admin) => admin.listTopics()))
  return wanted.filter(({ topic }) => !existing.has(topic))
}

/** Creates the topics that don't exist, and leaves the others alone. */
export async function createTopics(
  { newKafka, topics }: Pick<ResolvedConfig, 'newKafka' | 'topics'>,
  wanted: readonly WantedTopic[],
): Promise<readonly WantedTopic[]> {
  const missing = await missingTopics(newKafka, wanted)
  if (missing.length === 0) return missing
  await withAdmin(newKafka, (admin) =>
    admin.createTopics({ topics: missing.map((each) => creationOf(each, topics)) }).catch(ignoreUnknownTopic),
  )
  return missing
}

/** The settings of a topic, as `kt plan` shows them. */
export function settingsOf(
  { use }: WantedTopic,
  { retentionMs }: ResolvedConfig['topics'],
): Readonly<Record<string, string>> {
  return {
    // Compaction would drop earlier messages of a record, and with them its former foreign keys.
    'cleanup.policy': 'delete',
    // Otherwise a producer's slow clock would make its delay messages due before it commits.
    ...(use === 'delay' && { 'message.timestamp.type': 'LogAppendTime' }),
    ...(retentionMs !== undefined && use !== 'dead-letters' && { 'retention.ms': String(retentionMs) }),
  }
}

function creationOf(wanted: WantedTopic, topics: ResolvedConfig['topics']): ITopicConfig {
  const settings = Object.entries(settingsOf(wanted, topics))
  return {
    topic: wanted.topic,
    numPartitions: wanted.partitions,
    replicationFactor: topics.replicationFactor ?? -1,
    configEntries: settings.map(([name, value]) => ({ name, value })),
  }
}

/** After creating topics, kafkajs waits for their leaders, but gives up if it asks a broker that knows them later. */
function ignoreUnknownTopic(error: unknown): true {
  if ((error as { type?: unknown } | undefined)?.type === 'UNKNOWN_TOPIC_OR_PARTITION') return true
  throw error
}
