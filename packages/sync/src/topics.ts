// Imports the default export: as an ES module, Node finds only some of kafkajs's named exports.
import kafkajs from 'kafkajs'
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

/** What Kafka says of a topic. */
export interface TopicFacts {
  readonly partitions: number
  /** The smallest number of replicas of a partition. */
  readonly replicas: number
  readonly settings: Readonly<Record<string, string>>
}

/** Asks Kafka about topics that exist. */
export async function describeTopics(
  admin: Admin,
  topics: readonly WantedTopic[],
): Promise<ReadonlyMap<string, TopicFacts>> {
  if (topics.length === 0) return new Map()
  const names = topics.map(({ topic }) => topic)
  const [{ resources }, metadata] = await Promise.all([
    admin.describeConfigs({
      resources: names.map((name) => ({ type: kafkajs.ConfigResourceTypes.TOPIC, name })),
      includeSynonyms: false,
    }),
    admin.fetchTopicMetadata({ topics: names }),
  ])
  const settings = new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      Object.fromEntries(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  )
  return new Map(
    metadata.topics.map(({ name, partitions }) => [
      name,
      {
        partitions: partitions.length,
        replicas: Math.min(...partitions.map(({ replicas }) => replicas.length)),
        settings: settings.get(name) ?? {},
      },
    ]),
  )
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
