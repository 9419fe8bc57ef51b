import { errorFields, headerNames, KtError } from '@kt/core'
import { isRefused, within } from '@kt/core/internal'
import type { Logger, MessageBatch, MessageProducer, Meter } from '@kt/core'
import type { Transaction } from 'sequelize'
import { notInTime } from './is-for-good.ts'
import { withLeaderLock } from './leader-lock.ts'
import type { OutboxRow, OutboxTable } from './outbox-table.ts'
import { TopicPauses } from './topic-pauses.ts'

/** How long to wait before trying to get the leader lock again. */
const busyMs = 500

/** Time-out of one batch. Shorter than the lease of the leader lock. */
const sendMs = 20_000

export interface RelayPassOptions {
  readonly table: OutboxTable
  readonly producer: MessageProducer
  readonly batchSize: number
  readonly logger: Logger
  readonly meter: Meter
}

/** The outcome for the messages of one topic. */
interface Sent {
  readonly done: readonly OutboxRow['id'][]
  /** Messages that Kafka refuses for good, with the error code. */
  readonly refused: ReadonlyMap<OutboxRow['id'], string>
}

/**
 * Sends the messages in the table, oldest first, and deletes those that Kafka has acknowledged. The rows were committed
 * with the changes, so a reader of the records already sees them changed. These are instant messages, therefore, and
 * need no delay messages.
 */
export class RelayPass {
  readonly #options: RelayPassOptions
  readonly #pauses = new TopicPauses()

  constructor(options: RelayPassOptions) {
    this.#options = options
  }

  /** Ends all pauses, because Kafka seems to be back. */
  resume(): void {
    this.#pauses.makeDue()
  }

  /**
   * Relays one batch.
   *
   * @returns how long to wait before the next, in milliseconds; undefined when the table is empty
   * @throws KtError `KT_CLOSED` when the producer is closed; also the errors of the database
   */
  async run(): Promise<number | undefined> {
    const { table } = this.#options
    await Promise.all(this.#pauses.due.map((topic) => this.#probe(topic)))
    const found = await withLeaderLock(table.sequelize, table.name, (transaction) =>
      this.#relayBatch(transaction),
    )
    if (found === undefined) return busyMs
    return found > 0 ? 0 : this.#pauses.waitMs
  }

  /**
   * Probes a topic with one message, outside a transaction that would have to wait for Kafka. The message may arrive
   * twice.
   */
  async #probe(topic: string): Promise<void> {
    const row = await this.#options.table.oldestOf(topic)
    const isThere = row === undefined || (await this.#try(topic, () => this.#send([row])))
    if (isThere) this.#pauses.end(topic)
  }

  async #relayBatch(transaction: Transaction | null): Promise<number> {
    const { table, batchSize, meter } = this.#options
    const rows = await table.oldest(batchSize, this.#pauses.topics, transaction)
    const sent = await Promise.all([...byTopic(rows)].map(([topic, each]) => this.#sendTopic(topic, each)))
    const done = sent.flatMap((each) => each.done)
    await table.delete(done, transaction)
    for (const { refused } of sent)
      for (const [id, why] of refused) await table.refuse([id], why, transaction)
    const [oldest] = rows
    if (oldest !== undefined) meter.record('kt_outbox_age_ms', Date.now() - oldest.storedAtMs)
    if (done.length > 0) meter.add('kt_outbox_relayed_total', done.length)
    return rows.length
  }

  async #sendTopic(topic: string, rows: readonly OutboxRow[]): Promise<Sent> {
    let wasRefused = false
    const isSent = await this.#try(topic, async () => {
      await this.#send(rows).catch((error: unknown) => {
        if (!isRefused(error)) throw error
        wasRefused = true
      })
    })
    if (wasRefused) return this.#sendSingly(topic, rows)
    return { done: isSent ? rows.map(({ id }) => id) : [], refused: new Map() }
  }

  /** Isolates the message that Kafka refuses, so that it doesn't block the others. */
  async #sendSingly(topic: string, rows: readonly OutboxRow[]): Promise<Sent> {
    const { logger, meter } = this.#options
    const done: OutboxRow['id'][] = []
    const refused = new Map<OutboxRow['id'], string>()
    for (const row of rows) {
      const isTaken = await this.#try(topic, async () => {
        await this.#send([row]).catch((error: unknown) => {
          if (!isRefused(error)) throw error
          refused.set(row.id, error.code)
          meter.add('kt_outbox_refused_total', 1, { topic })
          logger.error('Kafka refuses a message for good; it stays in the outbox and is not sent again', {
            topic,
            row: row.id,
            ...errorFields(error),
          })
        })
      })
      if (!isTaken) break
      if (!refused.has(row.id)) done.push(row.id)
    }
    return { done, refused }
  }

  /** @returns whether Kafka answered; if not, the topic is paused */
  async #try(topic: string, send: () => Promise<void>): Promise<boolean> {
    const { logger, meter } = this.#options
    try {
      await send()
      return true
    } catch (error) {
      if (KtError.isInstance(error, 'KT_CLOSED')) throw error
      if (isRefused(error)) return true
      this.#pauses.pause(topic)
      meter.add('kt_outbox_relay_failures_total', 1, { topic })
      logger.debug('Messages of the outbox could not be sent to a topic; the topic is paused', {
        topic,
        ...errorFields(error),
      })
      return false
    }
  }

  async #send(rows: readonly OutboxRow[]): Promise<void> {
    const fill = (batch: MessageBatch): void => {
      for (const { value, topic, key, changeId } of rows)
        batch.produce(value, { topic, key, headers: { [headerNames.changeId]: changeId } })
    }
    await within(sendMs, this.#options.producer.batch(fill), notInTime(sendMs))
  }
}

function byTopic(rows: readonly OutboxRow[]): Map<string, OutboxRow[]> {
  const topics = new Map<string, OutboxRow[]>()
  for (const row of rows) {
    const ofTopic = topics.get(row.topic)
    if (ofTopic === undefined) topics.set(row.topic, [row])
    else ofTopic.push(row)
  }
  return topics
}
