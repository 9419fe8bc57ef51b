import { Client } from '@elastic/elasticsearch'
import { Cascader } from '@kt/cascader'
import { Consumer } from '@kt/consumer'
import type { Consumption, Logger } from '@kt/core'
import { Delayer } from '@kt/delayer'
import { Indexer } from '@kt/indexer'
import type { Producer } from '@kt/producer'
import { openTransactions, readTickets, recordsBy } from '@kt/sequelize-stream'
import type { Kafka } from 'kafkajs'
import type { Model, Sequelize } from 'sequelize'
import { streamsOf } from './definitions.ts'
import type { Models } from './models.ts'
import type { Settings } from './settings.ts'

export interface WorkerOptions {
  readonly settings: Settings
  readonly sequelize: Sequelize
  readonly models: Models
  readonly kafka: () => Kafka
  readonly producer: Producer
  readonly logger: Logger
}

/** The worker process of an application: Indexers, a Delayer and a Cascader. */
export class Workers {
  readonly #consumer: Consumer
  readonly #indexers: readonly Indexer<Model>[]
  readonly #delayer: Delayer
  readonly #client: Client
  readonly #options: WorkerOptions
  #cascade: Consumption | undefined

  constructor(options: WorkerOptions) {
    this.#options = options
    const { settings, sequelize, models, kafka, producer, logger } = options
    const { topicPrefix, indexPrefix, delayMs } = settings
    const consumer = new Consumer({ kafka, logger, maxWaitMs: 200, sessionTimeoutMs: 10_000 })
    const client = new Client({ node: settings.elasticsearchUrl })
    this.#consumer = consumer
    this.#client = client
    const versions = readTickets(sequelize)
    this.#indexers = streamsOf(models).map(
      ({ table, definition }) =>
        new Indexer({
          consumer,
          client,
          topic: `${topicPrefix}.${table}`,
          name: `${topicPrefix}.${table}_indexer`,
          index: definition(`${indexPrefix}-${table}`),
          versions,
          deadLetters: producer,
          logger,
        }),
    )
    this.#delayer = new Delayer({
      consumer,
      producer,
      topic: `${topicPrefix}.delay`,
      name: `${topicPrefix}.delayer`,
      delayMs,
      transactions: openTransactions(sequelize),
      logger,
    })
  }

  async run(): Promise<void> {
    const [cascade] = await Promise.all([
      this.#startCascade(),
      this.#delayer.run(),
      ...this.#indexers.map((indexer) => indexer.run()),
    ])
    this.#cascade = cascade
  }

  /** Resolves when all writes have been delayed, cascaded and indexed. */
  async whenCaughtUp(): Promise<void> {
    const within = { timeoutMs: 60_000 }
    await this.#delayer.whenCaughtUp(within)
    await this.#cascade?.whenCaughtUp(within)
    await Promise.all(this.#indexers.map((indexer) => indexer.whenCaughtUp(within)))
  }

  /** Counts the pending delay messages. */
  async delayed(): Promise<number> {
    return Number(await this.#delayer.lag())
  }

  async close(): Promise<void> {
    await Promise.all([this.#delayer.close(), ...this.#indexers.map((indexer) => indexer.close())])
    await this.#consumer.close()
    await this.#client.close()
  }

  /** Cascades countries to cities, because a city's document contains its country's name. */
  async #startCascade(): Promise<Consumption> {
    const { settings, models, producer, logger } = this.#options
    const name = `${settings.topicPrefix}.cascader`
    const cascader = new Cascader({ name, producer, logger })
    return this.#consumer.consume(
      { topic: `${settings.topicPrefix}.countries`, name },
      cascader.handler(async (messages, { signal }) => {
        await cascader.import(recordsBy(models.City, 'countryCode', cascader.ids(messages)), { signal })
      }),
    )
  }
}
