import type { Logger, MessageConsumer, MessageProducer, Meter } from '@kt/core'
import type { BulkClient } from '@kt/indexer'
import type { ModelIndex } from '@kt/model-index'
import type { ReindexerOptions } from '@kt/reindexer'
import type { ModelClass, OutboxOptions } from '@kt/sequelize-stream'
import type { Kafka, KafkaConfig } from 'kafkajs'
import type { Model, Sequelize } from 'sequelize'

/** An Elasticsearch or OpenSearch client. */
export type SearchEngine = ReindexerOptions<Model>['client']

/** Kafka in memory. The `memoryKafka()` of `@kt/testing` is one. */
export interface KafkaInMemory {
  producer(): MessageProducer & { close(): Promise<void> }
  consumer(): MessageConsumer & { close(): Promise<void> }
  /** Resolves when all that was sent has been handled. */
  whenCaughtUp(): Promise<void>
  /** Makes `whenCaughtUp` also wait for what is gathered to be sent. */
  attach(streamer: { flush(): Promise<void> }): unknown
}

/** A `modelIndex` of any model. */
export type AnyModelIndex = Omit<ModelIndex<Model, object>, 'id' | 'document' | 'options' | 'model'> & {
  readonly model: ModelIndex<Model, object>['model']
  id(record: never): string
  document(record: never): object | Promise<object>
  readonly options?: unknown
}

/**
 * Everything that the writing applications, the workers and the command line must agree on. Write it once, in a
 * `kt.config.ts`, and import it wherever models are written.
 */
export interface SyncConfig {
  /**
   * The options of kafkajs, or a function that creates an instance, such as for a custom authentication. In tests, the
   * `memoryKafka()` of `@kt/testing`: indexes then are no aliases, and what asks Kafka itself is refused, such as
   * `status()`.
   */
  readonly kafka: KafkaConfig | (() => Kafka) | KafkaInMemory
  /** An Elasticsearch or OpenSearch client. With a `memoryKafka()`, also a `memorySearch()`. */
  readonly search: SearchEngine | BulkClient
  /** The database of all models. */
  readonly sequelize: Sequelize
  /** The indexes, each a `modelIndex`. Their names are aliases. */
  readonly indexes: readonly AnyModelIndex[]
  /**
   * Former definitions of these indexes, with their former `version`. Their indexes are kept up to date, so that a
   * rollback is possible.
   *
   * @defaultValue none
   */
  readonly previous?: readonly AnyModelIndex[]
  /**
   * Models to stream beside those that the indexes read, such as for consumers of your own.
   *
   * @defaultValue none
   */
  readonly models?: readonly ModelClass[]
  /**
   * The beginning of all names of topics, such as `shop.`, so that several applications can share a Kafka cluster.
   * Consumer groups begin with their topic, and those of the Indexers with the name of their index. Don't change it
   * later: messages in the former topics would not be read any more.
   *
   * @defaultValue none
   */
  readonly prefix?: string
  readonly delay?: DelayConfig
  readonly topics?: TopicsConfig
  readonly cascades?: CascadesConfig
  /**
   * Whether writes succeed while Kafka is away: their changes are stored in a table of the same database, and sent when
   * Kafka is back. `true` takes the default options.
   *
   * @defaultValue false: such writes are rejected with `KT_DELAY_NOT_ACKNOWLEDGED`
   */
  readonly outbox?: boolean | OutboxOptions
  /** Further options of the Reindexers, such as `recordsPerSecond` of a backfill. */
  readonly reindexer?: Pick<
    ReindexerOptions<Model>,
    'recordsPerSecond' | 'pageSize' | 'refreshMs' | 'indexer' | 'verifier'
  >
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

/** The safety net. */
export interface DelayConfig {
  /**
   * How long a delay message waits before the change that it reports is indexed again, in milliseconds. Shorter: a
   * change that a crash has hidden reaches the index sooner. It must be much longer than the slowest transaction.
   *
   * @defaultValue 300_000
   */
  readonly ms?: number
  /** @defaultValue `<prefix>delay` */
  readonly topic?: string
}

/** Changes of records that other documents contain. */
export interface CascadesConfig {
  /**
   * The most records per second that each process re-sends for large cascades, so that single edits stay fast
   * meanwhile: they share the topic. Less: edits are indexed sooner during a cascade. More: the cascade ends sooner.
   *
   * @defaultValue 2_000
   */
  readonly recordsPerSecond?: number
}

/** How topics are created. Topics that exist are left alone. */
export interface TopicsConfig {
  /**
   * How many partitions a model's topic gets, and so how many workers can share it.
   *
   * @defaultValue 3
   */
  readonly partitions?: number
  /**
   * How many partitions the delay topic gets.
   *
   * @defaultValue 1
   */
  readonly delayPartitions?: number
  /**
   * How many brokers have a copy of each partition.
   *
   * @defaultValue the brokers' default
   */
  readonly replicationFactor?: number
  /**
   * How long Kafka keeps messages, in milliseconds. It must exceed the longest outage of a worker.
   *
   * @defaultValue the brokers' default, a week unless changed
   */
  readonly retentionMs?: number
}

/** Types a configuration, for the default export of a `kt.config.ts`. Does no I/O and checks nothing. */
export function defineConfig(config: SyncConfig): SyncConfig {
  return config
}
