import type { Logger } from '@kt/core'
import type { Admin } from 'kafkajs'
import type { Config } from '../config.ts'
import { openKafka } from '../kafka.ts'

/** Messages that the workers have not finished yet, wherever they run. */
export interface Lag {
  readonly indexer: number
  /** Changed countries that are not cascaded yet, and the cities that were sent for them. */
  readonly cascade: number
  /** Messages in the delay topic that were due a second ago, and that the Delayer has not re-sent yet. */
  readonly overdue: number
  /** Messages in the delay topic that wait until they are due. They are the safety net, and no backlog. */
  readonly delayed: number
}

/** Number of unfinished messages of a topic, and how many of them are older than some time. */
interface Unfinished {
  readonly all: number
  readonly old: number
}

/** The time that the Delayer may take to re-send a due message. */
const graceMs = 1_000

/** Reads the lag of each group from Kafka. */
export class KafkaLag {
  readonly #config: Config
  readonly #admin: Admin
  #connected: Promise<void> | undefined

  constructor(config: Config, logger: Logger) {
    this.#config = config
    // Short timeouts, so that the page soon shows that Kafka is down.
    const impatient = { connectionTimeout: 1_000, requestTimeout: 2_000, retry: { retries: 1 } }
    this.#admin = openKafka(config, logger, impatient).admin()
  }

  async read(): Promise<Lag> {
    await this.#connect()
    const { topics, groups, delayMs } = this.#config
    const dueBefore = Date.now() - delayMs - graceMs
    const [indexer, countries, cascaded, delayer] = await Promise.all([
      this.#lagOf(groups.indexer, topics.cities),
      this.#lagOf(groups.cascades, topics.countries),
      this.#lagOf(groups.cascadedIndexer, topics.cascaded),
      this.#unfinished(groups.delayer, topics.delay, dueBefore),
    ])
    const { all, old } = delayer
    return { indexer, cascade: countries + cascaded, overdue: old, delayed: all - old }
  }

  async close(): Promise<void> {
    await this.#admin.disconnect()
  }

  async #connect(): Promise<void> {
    this.#connected ??= this.#admin.connect()
    await this.#connected.catch((error: unknown) => {
      this.#connected = undefined
      throw error
    })
  }

  async #lagOf(groupId: string, topic: string): Promise<number> {
    return (await this.#unfinished(groupId, topic)).all
  }

  /** @param before epoch milliseconds: messages with an earlier timestamp are counted as old, too */
  async #unfinished(groupId: string, topic: string, before?: number): Promise<Unfinished> {
    const [ends, committed, firstNew] = await Promise.all([
      this.#admin.fetchTopicOffsets(topic),
      this.#admin.fetchOffsets({ groupId, topics: [topic] }),
      before === undefined ? [] : this.#admin.fetchTopicOffsetsByTimestamp(topic, before),
    ])
    const positions = offsetsByPartition(committed[0]?.partitions ?? [])
    const boundaries = offsetsByPartition(firstNew)
    let [all, old] = [0, 0]
    for (const { partition, low, high } of ends) {
      // A group that has committed nothing yet has position −1.
      const position = Math.max(positions.get(partition) ?? -1, Number(low))
      const left = Math.max(0, Number(high) - position)
      all += left
      old += Math.min(left, Math.max(0, (boundaries.get(partition) ?? 0) - position))
    }
    return { all, old }
  }
}

function offsetsByPartition(
  offsets: readonly { readonly partition: number; readonly offset: string }[],
): Map<number, number> {
  return new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]))
}
