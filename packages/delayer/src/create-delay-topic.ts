import { optionChecker } from '@kt/core/internal'

/** The parts of a kafkajs admin client that are used here. */
export interface TopicAdmin {
  connect(): Promise<void>
  createTopics(request: {
    topics: {
      topic: string
      numPartitions: number
      replicationFactor: number
      configEntries: { name: string; value: string }[]
    }[]
  }): Promise<boolean>
  disconnect(): Promise<void>
}

export interface CreateDelayTopicOptions {
  /** A kafkajs `Kafka`, or any object with such an `admin()`. */
  readonly kafka: { admin(): TopicAdmin }
  readonly topic: string
  /**
   * Number of partitions, and so of Delayers that can share the topic.
   *
   * @defaultValue 1
   */
  readonly partitions?: number
  /**
   * Number of replicas of each partition.
   *
   * @defaultValue the brokers' default
   */
  readonly replicationFactor?: number
  /**
   * Retention of the messages, in milliseconds. It must exceed the delay plus the longest time that the Delayer may be
   * down. Shorter: less disk space. Longer: more time to repair a Delayer.
   *
   * @defaultValue the brokers' default, a week unless changed
   */
  readonly retentionMs?: number
}

/**
 * Creates a delay topic whose timestamps come from the broker's clock (`message.timestamp.type=LogAppendTime`).
 *
 * @returns whether it was created; false when it exists already, in which case it is left unchanged
 * @throws KtError `KT_OPTION_INVALID`; otherwise the errors of the admin client
 */
export async function createDelayTopic(options: CreateDelayTopicOptions): Promise<boolean> {
  const check = optionChecker('createDelayTopic')
  const { retentionMs } = options
  const topic = {
    topic: check.string('topic', options.topic),
    numPartitions: check.integer('partitions', options.partitions ?? 1, { min: 1 }),
    replicationFactor:
      options.replicationFactor === undefined
        ? -1
        : check.integer('replicationFactor', options.replicationFactor, { min: 1 }),
    configEntries: [
      { name: 'message.timestamp.type', value: 'LogAppendTime' },
      // Compaction would drop all changes of a record except the last, which may not have committed.
      { name: 'cleanup.policy', value: 'delete' },
      ...(retentionMs === undefined
        ? []
        : [{ name: 'retention.ms', value: String(check.integer('retentionMs', retentionMs, { min: 1 })) }]),
    ],
  }
  const admin = check.port('kafka', options.kafka, ['admin']).admin()
  await admin.connect()
  try {
    return await admin.createTopics({ topics: [topic] }).catch(ignoreUnknownTopic)
  } finally {
    await admin.disconnect()
  }
}

/**
 * Treats one error as success. After creating a topic, kafkajs waits for its leaders, but gives up if it asks a busy
 * broker that doesn't know the topic yet.
 */
function ignoreUnknownTopic(error: unknown): true {
  if ((error as { type?: unknown } | undefined)?.type === 'UNKNOWN_TOPIC_OR_PARTITION') return true
  throw error
}
