import { deadLetterTopic, headerNames } from '@kt/core'
import { combinedOrigins, decodeOrigins, transactionOf } from '@kt/core/internal'
import type { CatchUpOptions, ChangeToken, Message } from '@kt/core'
import type { Origin } from '@kt/core/internal'
import type { Admin, Kafka, SeekEntry } from 'kafkajs'
import type { AdminConnection } from '../group/admin-connection.ts'
import { RecentMap } from './recent-map.ts'
import { TopicFollower } from './topic-follower.ts'

/** Older dead letters are not read. */
const windowMs = 24 * 3_600_000

/** So many transactions with dead letters are remembered. */
const remembered = 200_000

/** So many causes per partition are remembered one by one. Older ones are combined. */
const rememberedOrigins = 1_000

/**
 * Finds out whether messages of a topic have become dead letters. Reads none as long as there are none. From the first
 * one on, it follows the dead-letter topic.
 */
export class DeadLetterReader {
  readonly #topic: string
  readonly #follower: TopicFollower
  readonly #transactions = new RecentMap<true>(remembered)
  /** By topic and partition: the causes of messages of cascades. */
  readonly #origins = new Map<string, Origin[]>()
  #exists = false
  /** The ends of the topic up to which there were no dead letters. */
  #cleanUpTo: string | undefined

  constructor(topic: string, kafka: Kafka, admin: AdminConnection) {
    this.#topic = deadLetterTopic(topic)
    this.#follower = new TopicFollower({
      kafka,
      admin,
      topic: this.#topic,
      groupPrefix: 'kt-dead-letters',
      findStarts: () => admin.query((each) => this.#recent(each)),
      onMessage: (letter) => this.#remember(letter),
    })
  }

  /**
   * Whether a message of one of these changes has become a dead letter.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, and kafkajs's errors
   */
  async includes({ changeIds }: ChangeToken, options: CatchUpOptions): Promise<boolean> {
    if (!(await this.#follower.whenRead(options))) return false
    return changeIds.some((each) => this.#transactions.get(each))
  }

  /**
   * Whether a message of a cascade that one of these changes has caused has become a dead letter. A cascade names whole
   * batches of changes, so another change of the same batch counts, too.
   *
   * @throws as `includes`
   */
  async includesDependents({ written }: ChangeToken, options: CatchUpOptions): Promise<boolean> {
    if (!(await this.#follower.whenRead(options))) return false
    return [...written].some(([topic, ranges]) =>
      [...ranges].some(([partition, { from, end }]) =>
        this.#origins.get(`${topic}/${partition}`)?.some((each) => from <= each.to && each.from < end),
      ),
    )
  }

  close(): Promise<void> {
    return this.#follower.close()
  }

  /** Returns where the time window begins in all partitions; none if they have no messages of that time. */
  async #recent(admin: Admin): Promise<SeekEntry[]> {
    this.#exists ||= (await admin.listTopics()).includes(this.#topic)
    if (!this.#exists) return []
    const partitions = await admin.fetchTopicOffsets(this.#topic)
    const ends = JSON.stringify(partitions.map(({ partition, high }) => [partition, high]))
    if (this.#cleanUpTo === ends) return []
    const starts = await admin.fetchTopicOffsetsByTimestamp(this.#topic, Date.now() - windowMs)
    const startOf = new Map(starts.map(({ partition, offset }) => [partition, BigInt(offset)]))
    if (partitions.some(({ partition, high }) => (startOf.get(partition) ?? 0n) < BigInt(high))) return starts
    this.#cleanUpTo = ends
    return []
  }

  #remember({ headers }: Message): void {
    const changeId = headers[headerNames.changeId]
    if (changeId !== undefined) this.#transactions.set(transactionOf(changeId), true)
    for (const origin of decodeOrigins(headers[headerNames.origins])) this.#rememberOrigin(origin)
  }

  #rememberOrigin(origin: Origin): void {
    const key = `${origin.topic}/${origin.partition}`
    const known = this.#origins.get(key)
    if (known === undefined) return void this.#origins.set(key, [origin])
    // The dependents of one batch become many letters.
    if (known.some(({ from, to }) => from === origin.from && to === origin.to)) return
    known.push(origin)
    if (known.length > rememberedOrigins) known.splice(0, 2, ...combinedOrigins(known.slice(0, 2)))
  }
}
