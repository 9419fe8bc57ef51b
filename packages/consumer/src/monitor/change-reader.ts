import { headerNames } from '@kt/core'
import { isDelayed, namedKeys, transactionOf } from '@kt/core/internal'
import type { CatchUpOptions, ChangeToken, Message } from '@kt/core'
import type { Kafka } from 'kafkajs'
import type { AdminConnection } from '../group/admin-connection.ts'
import { RecentMap } from './recent-map.ts'
import { TopicFollower } from './topic-follower.ts'

/** Changes that are older when reading begins are not known. */
const windowMs = 10 * 60_000

/** So many records, and so many transactions with superseded changes, are remembered. */
const remembered = 200_000

/** A token of more transactions may be superseded by itself. */
const mostSuccessors = 16

/** Follows the topic of an index, and remembers which transactions have changed the records of others again. */
export class ChangeReader {
  readonly #follower: TopicFollower
  /** By the key of a record: the transaction that has changed it last; empty for messages without a change id. */
  readonly #last = new RecentMap<string>(remembered)
  /** By transaction: those that have changed one of its records next. */
  readonly #successors = new RecentMap<Set<string>>(remembered)

  constructor(topic: string, kafka: Kafka, admin: AdminConnection) {
    this.#follower = new TopicFollower({
      kafka,
      admin,
      topic,
      groupPrefix: 'kt-changes',
      findStarts: () => {
        const since = Date.now() - windowMs
        return admin.query((each) => each.fetchTopicOffsetsByTimestamp(topic, since))
      },
      onMessage: (message) => this.#remember(message),
    })
  }

  /** Begins to follow the topic. */
  async join(): Promise<void> {
    await this.#follower.join()
  }

  /**
   * Whether a record of these changes has been changed again.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, and kafkajs's errors
   */
  async isSuperseded({ changeIds }: ChangeToken, options: CatchUpOptions): Promise<boolean> {
    await this.#follower.whenRead(options)
    const own = new Set(changeIds)
    return changeIds.some((each) => [...(this.#successors.get(each) ?? [])].some((next) => !own.has(next)))
  }

  close(): Promise<void> {
    return this.#follower.close()
  }

  #remember({ headers, value }: Message): void {
    const { changeId, cascade, firstSeen } = headerNames
    // A message that was sent again belongs to an earlier change, and one of a cascade to a change of another record.
    if (isDelayed(headers) || headers[cascade] !== undefined || headers[firstSeen] !== undefined) return
    const transaction = transactionOf(headers[changeId] ?? '')
    for (const key of namedKeys(value)) {
      const before = this.#last.get(key)
      this.#last.set(key, transaction)
      if (before === undefined || before === transaction) continue
      const successors = this.#successors.get(before) ?? new Set()
      if (successors.size < mostSuccessors) successors.add(transaction)
      this.#successors.set(before, successors)
    }
  }
}
