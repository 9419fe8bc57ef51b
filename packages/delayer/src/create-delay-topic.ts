import { optionChecker } from '@kt/core'

/** As much of a kafkajs admin client as is needed. */
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
  /** A kafkajs `Kafka`, or anything with such an `admin()`. */
  readonly kafka: { admin(): TopicAdmin }
  readonly topic: string
  /**
   * How many Delayers can share the topic.
   *
   * @defaultValue 1
   */
  readonly partitions?: number
  /** @defaultValue that of the brokers */
  readonly replicationFactor?: number
  /**
   * How long messages are kept, in milliseconds. It must outlast the delay and the longest time that the Delayer may be
   * down.
   *
   * @defaultValue that of the brokers, a week unless changed
   */
  readonly retentionMs?: number
}

/**
 * Creates a delay topic that goes by the broker's clock (`message.timestamp.type=LogAppendTime`).
 *
 * @returns whether it was created; false when it existed, which is left as it is
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
      // Compaction would drop all changes of a record but the last, which may not have committed.
      { name: 'cleanup.policy', value: 'delete' },
      ...(retentionMs === undefined
        ? []
        : [{ name: 'retention.ms', value: String(check.integer('retentionMs', retentionMs, { min: 1 })) }]),
    ],
  }
  const admin = check.port('kafka', options.kafka, ['admin']).admin()
  await admin.connect()
  try {
    return await admin.createTopics({ topics: [topic] }).catch(createdAllTheSame)
  } finally {
    await admin.disconnect()
  }
}

/**
 * kafkajs waits for the leaders of a topic that it has created, but gives up when it asks a broker that has not heard of
 * the topic yet, as happens when that is busy.
 */
function createdAllTheSame(error: unknown): true {
  if ((error as { type?: unknown } | undefined)?.type === 'UNKNOWN_TOPIC_OR_PARTITION') return true
  throw error
}
