import { randomUUID } from 'node:crypto'
import { deadLetterTopic, decodeDeadLetter, KtError, silentLogger } from '@kt/core'
import type { DeadLetter, Message } from '@kt/core'
import { Consumer } from '@kt/consumer'
import type { ResolvedConfig } from './config/resolve-config.ts'
import { optionChecker } from '@kt/core/internal'
import type { Topology, WantedTopic } from './config/topology.ts'
import { missingTopics, withAdmin } from './topics.ts'

export interface DeadLettersOptions {
  /** The topic whose messages were given up. @defaultValue all topics */
  readonly topic?: string
  /** Selects the letters that are returned. @defaultValue all */
  readonly filter?: (letter: OpenDeadLetter) => boolean
  /** The most letters of each topic that are returned, the newest ones. @defaultValue 1_000 */
  readonly limit?: number
  readonly signal?: AbortSignal
}

/** A dead letter that was not put back. Its value may contain data of the record: its id at least. */
export interface OpenDeadLetter extends DeadLetter {
  /** Identifies it: the partition and the offset in the dead-letter topic. */
  readonly letter: string
}

const check = optionChecker('deadLetters')
/** A topic may have millions of letters. */
const timeoutMs = 3_600_000

/** The consumer group whose offsets say which letters of a topic were put back. */
export function redriveGroup(topic: string): string {
  return `${topic}_redrive`
}

/**
 * Checks that a topic is one of the configuration, and returns its dead-letter topic.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function lettersOf({ topics }: Topology, topic: string): WantedTopic {
  const found = topics.find((each) => each.use === 'dead-letters' && each.topic === deadLetterTopic(topic))
  if (found !== undefined) return found
  throw new KtError('KT_OPTION_INVALID', `There is no topic "${topic}" in this configuration`, {
    retryable: false,
  })
}

/**
 * Reads the dead letters that `redrive` has not put back, newest last, in a consumer group of its own, which it deletes.
 *
 * @throws KtError `KT_ABORTED`, the errors of the consumer; kafkajs's errors
 */
export async function readDeadLetters(
  { newKafka }: Pick<ResolvedConfig, 'newKafka'>,
  topology: Topology,
  { topic, filter = () => true, limit = 1_000, signal }: DeadLettersOptions,
): Promise<readonly OpenDeadLetter[]> {
  const most = check.integer('limit', limit, { min: 1 })
  const wanted =
    topic === undefined
      ? topology.topics.filter(({ use }) => use === 'dead-letters')
      : [lettersOf(topology, topic)]
  const missing = new Set(await missingTopics(newKafka, wanted))
  const present = wanted.filter((each) => !missing.has(each))
  const read = present.map((each) => readTopic(newKafka, each.topic, { filter, limit: most, signal }))
  return (await Promise.all(read)).flat().toSorted((one, other) => one.givenUpMs - other.givenUpMs)
}

interface ReadOptions {
  readonly filter: (letter: OpenDeadLetter) => boolean
  readonly limit: number
  readonly signal: AbortSignal | undefined
}

async function readTopic(
  newKafka: ResolvedConfig['newKafka'],
  topic: string,
  { filter, limit, signal }: ReadOptions,
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
          if (letter !== undefined && filter(letter)) letters.push(letter)
        }
        letters.splice(0, Math.max(0, letters.length - limit))
      },
    )
    await consumption.whenCaughtUp({ timeoutMs, ...(signal && { signal }) })
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
  const group = redriveGroup(topic.slice(0, -deadLetterTopic('').length))
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
