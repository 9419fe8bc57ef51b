import type { Logger } from '@kt/core'
import type { Admin } from 'kafkajs'
import type { Config } from '../config.ts'
import { openKafka } from '../kafka.ts'

/** Messages that the workers have not finished yet, wherever they run. */
export interface Lag {
  readonly indexer: number
  /** Changed countries that are not followed up yet, and the cities that were announced for them. */
  readonly cascade: number
  /** Those that wait in the delay topic to come due. */
  readonly delayed: number
}

/** Reads from Kafka how far each group has come. */
export class KafkaLag {
  readonly #config: Config
  readonly #admin: Admin
  #connected: Promise<void> | undefined

  constructor(config: Config, logger: Logger) {
    this.#config = config
    // A page that is looked at wants to know soon that Kafka is away.
    const impatient = { connectionTimeout: 1_000, requestTimeout: 2_000, retry: { retries: 1 } }
    this.#admin = openKafka(config, logger, impatient).admin()
  }

  async read(): Promise<Lag> {
    await this.#connect()
    const { topics, groups } = this.#config
    const [indexer, countries, cascaded, delayed] = await Promise.all([
      this.#lagOf(groups.indexer, topics.cities),
      this.#lagOf(groups.cascader, topics.countries),
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
      // A group that has committed nothing yet stands at −1.
      const position = Math.max(positions.get(partition) ?? -1, Number(low))
      return sum + Math.max(0, Number(high) - position)
    }, 0)
  }
}
