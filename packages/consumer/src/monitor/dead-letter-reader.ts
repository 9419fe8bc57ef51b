import { deadLetterTopic, headerNames } from '@kt/core'
import { decodeOrigins, transactionOf } from '@kt/core/internal'
import type { CatchUpOptions, ChangeToken, Message } from '@kt/core'
import type { Admin, Kafka, SeekEntry } from 'kafkajs'
import type { AdminConnection } from '../group/admin-connection.ts'
import { RecentMap } from './recent-map.ts'
import { TopicFollower } from './topic-follower.ts'

/** Older dead letters are not read. */
const windowMs = 24 * 3_600_000

/** So many transactions with dead letters, and origins of dead letters of cascades, are remembered. */
const remembered = 100_000

/**
 * Finds out whether messages of a topic have become dead letters. Reads none as long as there are none. From the first
 * one on, it follows the dead-letter topic.
 */
export class DeadLetterReader {
  readonly #topic: string
  readonly #admin: AdminConnection
  readonly #follower: TopicFollower
  readonly #transactions = new RecentMap<true>(remembered)
  /** The headers `kt-origins` of messages of cascades. */
  readonly #origins = new RecentMap<true>(remembered)
  #exists = false
  /** The ends of the topic up to which there were no dead letters. */
  #cleanUpTo: string | undefined

  constructor(topic: string, kafka: Kafka, admin: AdminConnection) {
    this.#topic = deadLetterTopic(topic)
    this.#admin = admin
    this.#follower = new TopicFollower({
      kafka,
      admin,
      topic: this.#topic,
      groupPrefix: 'kt-dead-letters',
      onMessage: (letter) => this.#remember(letter),
    })
  }

  /**
   * Whether a message of one of these changes has become a dead letter, or a message of a cascade that one of them has
   * caused. A cascade names whole batches of changes, so another change of the same batch counts, too.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, and kafkajs's errors
   */
  async includes(change: ChangeToken, options: CatchUpOptions): Promise<boolean> {
    if (!this.#follower.hasBegun) {
      const starts = await this.#admin.query((admin) => this.#recent(admin))
      if (starts.length === 0) return false
      this.#follower.begin(starts)
    }
    await this.#follower.whenRead(options)
    return (
      change.changeIds.some((each) => this.#transactions.get(each)) ||
      this.#origins.keys().some((each) => isOriginOf(change, each))
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
    const { [headerNames.changeId]: changeId, [headerNames.origins]: origins } = headers
    if (changeId !== undefined) this.#transactions.set(transactionOf(changeId), true)
    if (origins !== undefined) this.#origins.set(origins, true)
  }
}

function isOriginOf({ written }: ChangeToken, header: string): boolean {
  return decodeOrigins(header).some(({ topic, partition, from, to }) => {
    const range = written.get(topic)?.get(partition)
    return range !== undefined && range.from <= to && from < range.end
  })
}
