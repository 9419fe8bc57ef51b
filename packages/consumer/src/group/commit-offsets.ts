import type { Consumer, Kafka } from 'kafkajs'

export interface GroupCommit {
  readonly groupId: string
  readonly topic: string
  readonly partitions: readonly { readonly partition: number; readonly offset: string }[]
}

/** How long the broker may hold a fetch. None of its messages are wanted. */
const maxWaitMs = 50

/**
 * Commits offsets of a group that has no members, by joining it for a moment. kafkajs's `admin.setOffsets` does the same
 * but then waits for a fetch, which takes 5 s when the topic is quiet.
 *
 * @throws kafkajs's error, also while another worker of the group is starting; it may then be retried
 */
export async function commitOffsets(
  kafka: Kafka,
  { groupId, topic, partitions }: GroupCommit,
): Promise<void> {
  const consumer = kafka.consumer({
    groupId,
    maxWaitTimeInMs: maxWaitMs,
    retry: { restartOnFailure: () => Promise.resolve(false) },
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topic })
    const joined = whenJoined(consumer)
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() })
    await joined
    await consumer.commitOffsets(partitions.map((each) => ({ topic, ...each })))
  } finally {
    await consumer.disconnect()
  }
}

/** @throws kafkajs's error with which the consumer has ended */
function whenJoined(consumer: Consumer): Promise<void> {
  const { GROUP_JOIN, CRASH } = consumer.events
  const joined = new Promise<void>((resolve, reject) => {
    consumer.on(GROUP_JOIN, () => resolve())
    consumer.on(CRASH, ({ payload }) => reject(payload.error))
  })
  joined.catch(() => undefined)
  return joined
}
