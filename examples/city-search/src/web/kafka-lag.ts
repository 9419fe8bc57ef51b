import type { Logger } from '@kt/core'
import type { Admin } from 'kafkajs'
import type { Config } from '../config.ts'
import { openKafka } from '../kafka.ts'

/** Messages that the workers have not finished yet, wherever they run. */
export interface Lag {
  readonly indexer: number
  /** Changed countries that are not cascaded yet, and the cities that were sent for them. */
  readonly cascade: number
  /** Messages in the delay topic that are not due yet. */
  readonly delayed: number
}

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
    const { topics, groups } = this.#config
    const [indexer, countries, cascaded, delayed] = await Promise.all([
      this.#lagOf(groups.indexer, topics.cities),
      this.#lagOf(groups.cascades, topics.countries),
      this.#lagOf(groups.cascadedIndexer, topics.cascaded),
      this.#lagOf(groups.delayer, topics.delay),
    ])
    return { indexer, cascade: countries + cascaded, delayed }
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
    const [ends, committed] = await Promise.all([
      this.#admin.fetchTopicOffsets(topic),
      this.#admin.fetchOffsets({ groupId, topics: [topic] }),
    ])
    const positions = new Map(
      committed[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
    )
    return ends.reduce((sum, { partition, low, high }) => {
      // A group that has committed nothing yet has position −1.
      const position = Math.max(positions.get(partition) ?? -1, Number(low))
      return sum + Math.max(0, Number(high) - position)
    }, 0)
  }
}
