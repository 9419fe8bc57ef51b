import { Client } from '@elastic/elasticsearch'
import { Consumer, GroupMonitor } from '@kt/consumer'
import { silentLogger } from '@kt/core'
import { modelIndex } from '@kt/model-index'
import type { ModelIndex } from '@kt/model-index'
import { Producer } from '@kt/producer'
import { Reindexer } from '@kt/reindexer'
import { readTickets } from '@kt/sequelize-stream'
import { Kafka, logLevel } from 'kafkajs'
import { DataTypes, Sequelize } from 'sequelize'
import type { Model, ModelStatic } from 'sequelize'
import type { Addresses } from '../harness/settings.ts'
import { stderrLogger } from '../roles/stderr-logger.ts'

/** What all processes of a re-index under fire share. It is sent to them as JSON. */
export interface ReindexSettings extends Addresses {
  readonly topic: string
  readonly delayTopic: string
  readonly delayer: string
  readonly alias: string
  readonly delayMs: number
  readonly sessionTimeoutMs: number
}

export type Product = Model & { readonly id: number; readonly name: string }

/** Products up to this id are changed and never deleted, so searches must always find all of them. */
export const steadyProducts = 100

/** One process's connections and definitions. They last as long as the process. */
export class Lab {
  readonly settings: ReindexSettings
  readonly sequelize: Sequelize
  readonly Product: ModelStatic<Product>
  readonly client: Client
  readonly producer: Producer
  readonly consumer: Consumer

  constructor(settings: ReindexSettings) {
    this.settings = settings
    this.sequelize = new Sequelize(settings.databaseUrl, { logging: false, pool: { max: 10 } })
    this.Product = this.sequelize.define<Product>('Product', { name: DataTypes.TEXT })
    this.client = new Client({ node: settings.elasticsearchUrl })
    this.producer = new Producer({ kafka: this.kafka(), logger: silentLogger })
    const { sessionTimeoutMs } = settings
    this.consumer = new Consumer({
      kafka: () => this.kafka(),
      sessionTimeoutMs,
      maxWaitMs: 20,
      logger: silentLogger,
    })
  }

  kafka(): Kafka {
    return new Kafka({ brokers: [...this.settings.brokers], logLevel: logLevel.NOTHING })
  }

  index(version: number): ModelIndex<Product, object> {
    return modelIndex(this.Product, {
      name: this.settings.alias,
      version,
      mappings: { dynamic: false, properties: { id: { type: 'integer' } } },
      settings: { number_of_shards: 1, number_of_replicas: 0 },
      document: ({ id, name }) => ({ id, name, version }),
    })
  }

  /** A Reindexer of this version that also keeps the generation of the version before. */
  reindexer(version: number, recordsPerSecond?: number): Reindexer<Product> {
    return new Reindexer<Product>({
      index: this.index(version),
      previous: version > 1 ? [this.index(version - 1)] : [],
      client: this.client,
      consumer: this.consumer,
      producer: this.producer,
      topic: this.settings.topic,
      versions: readTickets(this.sequelize),
      // A writer that was killed has left messages that only the Delayer sends.
      whenCascaded: ({ signal }) => this.whenDelayed(signal),
      pageSize: 200,
      refreshMs: 200,
      ...(recordsPerSecond !== undefined && { recordsPerSecond }),
      logger: stderrLogger,
    })
  }

  /** Resolves when all delay messages until now have been sent again. */
  async whenDelayed(signal?: AbortSignal): Promise<void> {
    const { delayTopic: topic, delayer: name } = this.settings
    await using monitor = new GroupMonitor({ kafka: this.kafka(), topic, name })
    await monitor.whenCaughtUp({ timeoutMs: 120_000, ...(signal && { signal }) })
  }
}
