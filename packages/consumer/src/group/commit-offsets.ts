import type { Kafka } from 'kafkajs'

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
    let crash: unknown
    consumer.on(consumer.events.CRASH, ({ payload }) => (crash = payload.error))
    // Resolves when it has joined or crashed.
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: () => Promise.resolve() })
    if (crash !== undefined) throw crash
    await consumer.commitOffsets(partitions.map((each) => ({ topic, ...each })))
  } finally {
    await consumer.disconnect().catch(() => undefined)
  }
}
