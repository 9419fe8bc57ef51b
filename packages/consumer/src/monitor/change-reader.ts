import { decodeNamed, headerNames, isRecordList, payloadKey } from '@kt/core'
import { isDelayed, transactionOf } from '@kt/core/internal'
import type { CatchUpOptions, ChangeToken, Message } from '@kt/core'
import type { Kafka } from 'kafkajs'
import type { AdminConnection } from '../group/admin-connection.ts'
import { RecentMap } from './recent-map.ts'
import { TopicFollower } from './topic-follower.ts'

/** Changes that are older when reading begins are not known. */
const windowMs = 10 * 60_000

/** So many transactions and records are remembered. */
const remembered = 200_000

/** Follows the topic of an index, and remembers which records have been changed again. */
export class ChangeReader {
  readonly #topic: string
  readonly #admin: AdminConnection
  readonly #follower: TopicFollower
  /** By transaction: the keys of its records. */
  readonly #records = new RecentMap<Set<string>>(remembered)
  /** By the key of a record: what has changed it last. */
  readonly #last = new RecentMap<string>(remembered)

  constructor(topic: string, kafka: Kafka, admin: AdminConnection) {
    this.#topic = topic
    this.#admin = admin
    this.#follower = new TopicFollower({
      kafka,
      admin,
      topic,
      groupPrefix: 'kt-changes',
      onMessage: (message) => this.#remember(message),
    })
  }

  /**
   * Whether a record of these changes has been changed again.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, and kafkajs's errors
   */
  async isSuperseded({ changeIds }: ChangeToken, options: CatchUpOptions): Promise<boolean> {
    if (!this.#follower.hasBegun) {
      const since = Date.now() - windowMs
      this.#follower.begin(
        await this.#admin.query((admin) => admin.fetchTopicOffsetsByTimestamp(this.#topic, since)),
      )
    }
    await this.#follower.whenRead(options)
    const own = new Set(changeIds)
    const records = changeIds.flatMap((each) => [...(this.#records.get(each) ?? [])])
    return records.some((key) => !own.has(this.#last.get(key) ?? ''))
  }

  close(): Promise<void> {
    return this.#follower.close()
  }

  #remember(message: Message): void {
    // A re-sent message belongs to an earlier change, and one of a cascade to a change of another record.
    if (isDelayed(message.headers) || message.headers[headerNames.cascade] !== undefined) return
    const { [headerNames.changeId]: changeId } = message.headers
    const transaction = changeId === undefined ? '' : transactionOf(changeId)
    const keys = keysOf(message)
    for (const key of keys) this.#last.set(key, transaction)
    if (transaction === '') return
    const known = this.#records.get(transaction) ?? new Set()
    for (const key of keys) known.add(key)
    this.#records.set(transaction, known)
  }
}

/** The keys of the records in a message; none if its value is no payload. */
function keysOf({ value }: Message): readonly string[] {
  try {
    const named = decodeNamed(value)
    return isRecordList(named) ? named.ids.map(String) : [payloadKey(named)]
  } catch {
    // The Indexer makes it a dead letter.
    return []
  }
}
