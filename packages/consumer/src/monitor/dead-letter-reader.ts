import { randomUUID } from 'node:crypto'
import { deadLetterTopic, headerNames, silentLogger } from '@kt/core'
import type { CatchUpOptions, Consumption, Message } from '@kt/core'
import type { Admin, Kafka, SeekEntry } from 'kafkajs'
import { Consumer } from '../consumer.ts'
import type { AdminConnection } from '../group/admin-connection.ts'

/** Older dead letters are not read. */
const windowMs = 24 * 3_600_000

/** So many transactions with dead letters are remembered. */
const remembered = 100_000

/**
 * Finds out whether messages of a topic have become dead letters. Reads none as long as there are none. From the first
 * one on, it follows the dead-letter topic, in a consumer group of its own, because joining a group takes seconds.
 */
export class DeadLetterReader {
  readonly #topic: string
  readonly #consumer: Consumer
  readonly #admin: AdminConnection
  readonly #name = `kt-dead-letters-${randomUUID()}`
  readonly #transactions = new Set<string>()
  #exists = false
  /** The ends of the topic up to which there were no dead letters. */
  #cleanUpTo: string | undefined
  #worker: Promise<Consumption> | undefined

  constructor(topic: string, kafka: Kafka, admin: AdminConnection) {
    this.#topic = deadLetterTopic(topic)
    this.#consumer = new Consumer({ kafka, logger: silentLogger, maxWaitMs: 500 })
    this.#admin = admin
  }

  /**
   * Whether a message of one of these transactions has become a dead letter.
   *
   * @param changeIds the change ids of the transactions
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, and kafkajs's errors
   */
  async includes(changeIds: readonly string[], options: CatchUpOptions): Promise<boolean> {
    if (this.#worker === undefined) {
      const starts = await this.#admin.query((admin) => this.#recent(admin))
      if (starts.length === 0) return false
      this.#worker ??= this.#read(starts)
    }
    await (await this.#worker).whenCaughtUp(options)
    return changeIds.some((each) => this.#transactions.has(each))
  }

  async close(): Promise<void> {
    await this.#consumer.close()
    if (this.#worker !== undefined)
      await this.#admin.query((admin) => admin.deleteGroups([this.#name])).catch(() => undefined)
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

  async #read(partitions: SeekEntry[]): Promise<Consumption> {
    const topic = this.#topic
    try {
      await this.#admin.commitOffsets({ groupId: this.#name, topic, partitions })
      return await this.#consumer.consume({ topic, name: this.#name }, async (letters) =>
        letters.forEach((letter) => this.#remember(letter)),
      )
    } catch (error) {
      // The next call begins anew.
      this.#worker = undefined
      throw error
    }
  }

  #remember({ headers }: Message): void {
    const changeId = headers[headerNames.changeId]
    if (changeId === undefined) return
    // The last part numbers the messages of a transaction.
    this.#transactions.add(changeId.slice(0, changeId.lastIndexOf('.')))
    const [oldest] = this.#transactions
    if (this.#transactions.size > remembered && oldest !== undefined) this.#transactions.delete(oldest)
  }
}
