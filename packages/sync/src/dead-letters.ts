import { randomUUID } from 'node:crypto'
import { deadLetterTopic, decodeDeadLetter, KtError, silentLogger } from '@kt/core'
import type { DeadLetter, Message } from '@kt/core'
import { Consumer } from '@kt/consumer'
import type { ResolvedConfig } from './config/resolve-config.ts'
import type { Topology } from './config/topology.ts'
import { missingTopics, withAdmin } from './topics.ts'

export interface DeadLettersOptions {
  /** The topic whose messages were given up. @defaultValue all topics */
  readonly topic?: string
  /** The most letters of each topic that are returned, the newest ones. @defaultValue 1_000 */
  readonly limit?: number
  readonly signal?: AbortSignal
}

/** A dead letter that was not put back. Its value may contain data of the record: its id at least. */
export interface OpenDeadLetter extends DeadLetter {
  /** Identifies it: the partition and the offset in the dead-letter topic. */
  readonly letter: string
}

/**
 * Reads the dead letters that `redrive` has not put back, newest last. Commits nothing.
 *
 * @throws KtError `KT_ABORTED`, the errors of the consumer; kafkajs's errors
 */
export async function readDeadLetters(
  { newKafka }: Pick<ResolvedConfig, 'newKafka'>,
  { topics }: Topology,
  { topic, limit = 1_000, signal }: DeadLettersOptions,
): Promise<readonly OpenDeadLetter[]> {
  const wanted = topics.filter(({ use, topic: each }) =>
    topic === undefined ? use === 'dead-letters' : each === deadLetterTopic(topic),
  )
  if (wanted.length === 0)
    throw new KtError('KT_OPTION_INVALID', `There is no topic "${topic}" in this configuration`, {
      retryable: false,
    })
  const missing = new Set(await missingTopics(newKafka, wanted))
  const present = wanted.filter((each) => !missing.has(each))
  const read = present.map((each) => readTopic(newKafka, each.topic, limit, signal))
  return (await Promise.all(read)).flat().toSorted((one, other) => one.givenUpMs - other.givenUpMs)
}

async function readTopic(
  newKafka: ResolvedConfig['newKafka'],
  topic: string,
  limit: number,
  signal: AbortSignal | undefined,
): Promise<readonly OpenDeadLetter[]> {
  const done = await redriven(newKafka, topic)
  if (done === undefined) return []
  const name = `kt-dead-letters-${randomUUID()}`
  const letters: OpenDeadLetter[] = []
  const consumer = new Consumer({ kafka: newKafka, logger: silentLogger })
  try {
    const consumption = await consumer.consume(
      { topic, name, ...(signal && { signal }) },
      async (messages) => {
        for (const message of messages) {
          const letter = message.offset < (done.get(message.partition) ?? 0n) ? undefined : toLetter(message)
          if (letter !== undefined) letters.push(letter)
        }
        letters.splice(0, letters.length - limit)
      },
    )
    await consumption.whenCaughtUp({ ...(signal && { signal }) })
    return letters
  } finally {
    await consumer.close()
    await withAdmin(newKafka, (admin) => admin.deleteGroups([name])).catch(() => undefined)
  }
}

/** Returns the offsets up to which letters were put back; undefined if none is open. */
async function redriven(
  newKafka: ResolvedConfig['newKafka'],
  topic: string,
): Promise<ReadonlyMap<number, bigint> | undefined> {
  const group = `${topic.slice(0, -deadLetterTopic('').length)}_redrive`
  return withAdmin(newKafka, async (admin) => {
    const [ends, groups] = await Promise.all([
      admin.fetchTopicOffsets(topic),
      admin.fetchOffsets({ groupId: group, topics: [topic] }),
    ])
    const committed = new Map(
      groups.flatMap(({ partitions }) => partitions.map((each) => [each.partition, BigInt(each.offset)])),
    )
    const isOpen = ends.some(
      ({ partition, low, high }) => BigInt(high) > maximum(BigInt(low), committed.get(partition) ?? 0n),
    )
    return isOpen ? committed : undefined
  })
}

function maximum(one: bigint, other: bigint): bigint {
  return one > other ? one : other
}

/** Returns undefined for messages that are no dead letters. */
function toLetter(message: Message): OpenDeadLetter | undefined {
  try {
    return { ...decodeDeadLetter(message), letter: `${message.partition}-${message.offset}` }
  } catch {
    return undefined
  }
}
