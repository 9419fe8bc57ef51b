import { defaultLogger, noopMeter } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Resolved } from '@kt/core/internal'
import type {
  BackoffOptions,
  Logger,
  MessageConsumer,
  MessageProducer,
  Meter,
  ReadTickets,
  StartOffset,
} from '@kt/core'
import type { BulkClient } from './bulk/bulk-client.ts'
import type { IndexDefinition } from './document/index-definition.ts'

export interface IndexerOptions<Record> {
  /** Receives the messages. */
  readonly consumer: MessageConsumer
  /** An Elasticsearch or OpenSearch client. */
  readonly client: BulkClient
  /** The topic of the messages about changed records. */
  readonly topic: string
  /** The consumer group. Indexers with the same name share the topic's partitions. Use one name per index. */
  readonly name: string
  /** The index, and how its documents are made. */
  readonly index: IndexDefinition<Record>
  /**
   * Restricts this Indexer to one partition. A second one with the same topic, name and partition is its standby.
   *
   * @defaultValue all partitions, shared with the other Indexers of this name
   */
  readonly partition?: number
  /**
   * Where a new consumer group begins. `latest` skips the messages that are already in the topic. Use it for an index
   * that is filled from the database, and create the group before that begins.
   *
   * @defaultValue 'earliest'
   */
  readonly from?: StartOffset
  /**
   * The most messages of a batch. Offsets are committed after each batch. Larger batches cost less per message, but a
   * crash repeats more. About twice as many should fit `maxBufferedBytesPerPartition` of the consumer, so that the next
   * batch is there when one has ended.
   *
   * @defaultValue 2000
   */
  readonly batchSize?: number
  /**
   * The most records that are read at once, with one query for one bulk request. The next records are read while these
   * are written. Higher values cost less per record but take more memory. Large documents are read in smaller numbers,
   * as many as fit `maxBulkBytes`.
   *
   * @defaultValue 2000
   */
  readonly loadSize?: number
  /**
   * The most bytes of a bulk request. Larger requests cost less per document, but beyond about 10 MB they only strain
   * the heap of the search engine. A larger document is sent alone.
   *
   * @defaultValue 8_388_608
   */
  readonly maxBulkBytes?: number
  /**
   * The most bytes of bulk requests in flight over all partitions: being read, waiting to be sent, or being indexed.
   * The records that were read for them take about as much memory again. Higher values keep a fast search engine busy
   * when documents are large. If it is too low, partitions wait for each other. The actual limit is lower while the
   * search engine rejects requests (429).
   *
   * @defaultValue 67_108_864
   */
  readonly maxInFlightBytes?: number
  /**
   * The timeout of a bulk request, in milliseconds. A request that takes longer counts as failed and is retried. It
   * replaces the timeout of the client: neither client has a default that fits.
   *
   * @defaultValue 30_000
   */
  readonly requestTimeoutMs?: number
  /**
   * The timeout of a read, in milliseconds. A read that takes longer counts as failed and is retried: a connection to
   * the database may be lost without notice. Give the database client a shorter timeout, so that it replaces the
   * connection. With Sequelize and PostgreSQL that is `dialectOptions: { query_timeout }`.
   *
   * @defaultValue 120_000
   */
  readonly loadTimeoutMs?: number
  /**
   * The most time between a read and its write, in milliseconds. Older reads are repeated: the worker may have stalled
   * in between. It must be far below `index.gc_deletes` (60 s by default). That is how long the search engine remembers
   * the version of a deleted document; after that, an old read would bring the document back.
   *
   * @defaultValue 15_000
   */
  readonly maxReadAgeMs?: number
  /**
   * The timeout of a `document()` that returns a promise, in milliseconds. If it takes longer, the record's messages
   * are sent to the dead letters.
   *
   * @defaultValue 30_000
   */
  readonly documentTimeoutMs?: number
  /**
   * The backoff between retries of temporary failures. The number of retries is not limited.
   *
   * @defaultValue 100 ms, doubling up to 10 s
   */
  readonly retry?: BackoffOptions
  /**
   * Read tickets, such as `readTickets(sequelize)`. With them a stalled worker can't overwrite a later read of another
   * worker. They cost one round trip to the database per read.
   *
   * @defaultValue none: if two workers index the same record at the same time, the last write wins
   */
  readonly versions?: ReadTickets
  /**
   * How many indexed changes are remembered, so that their delay messages are skipped when they come due. It should
   * cover the changes of one delay period. Each takes about 150 bytes. With 0 every change is indexed twice.
   *
   * Without `versions`, indexing a change again repairs a late write of a stalled worker, so a number other than 0
   * trades safety for less load.
   *
   * @defaultValue 100_000 with `versions`, else 0
   */
  readonly rememberedChanges?: number
  /**
   * Sends messages that can't be indexed to `<topic>.dead-letter`, with the reason. The topic must exist.
   *
   * @defaultValue none: such messages are logged without their data, counted, and skipped
   */
  readonly deadLetters?: MessageProducer
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

/** The options with their defaults. */
export type ResolvedOptions<Record> = Resolved<
  IndexerOptions<Record>,
  'partition' | 'versions' | 'deadLetters'
>

const check = optionChecker('Indexer')

/** @throws KtError `KT_OPTION_INVALID` */
export function resolveOptions<Record>(options: IndexerOptions<Record>): ResolvedOptions<Record> {
  const { partition, versions, deadLetters } = options
  return Object.freeze({
    consumer: check.port('consumer', options.consumer, ['consume']),
    client: check.port('client', options.client, ['bulk']),
    topic: check.string('topic', options.topic),
    name: check.string('name', options.name),
    index: checkIndex(options.index),
    partition: partition === undefined ? undefined : check.integer('partition', partition),
    from: check.oneOf('from', options.from ?? 'earliest', ['earliest', 'latest']),
    batchSize: check.integer('batchSize', options.batchSize ?? 2_000, { min: 1 }),
    loadSize: check.integer('loadSize', options.loadSize ?? 2_000, { min: 1 }),
    maxBulkBytes: check.integer('maxBulkBytes', options.maxBulkBytes ?? 8_388_608, { min: 1 }),
    maxInFlightBytes: check.integer('maxInFlightBytes', options.maxInFlightBytes ?? 67_108_864, { min: 1 }),
    requestTimeoutMs: check.integer('requestTimeoutMs', options.requestTimeoutMs ?? 30_000, { min: 1 }),
    loadTimeoutMs: check.integer('loadTimeoutMs', options.loadTimeoutMs ?? 120_000, { min: 1 }),
    maxReadAgeMs: check.integer('maxReadAgeMs', options.maxReadAgeMs ?? 15_000, { min: 1 }),
    documentTimeoutMs: check.integer('documentTimeoutMs', options.documentTimeoutMs ?? 30_000, { min: 1 }),
    retry: checkRetry(options.retry ?? {}),
    versions: versions === undefined ? undefined : check.port('versions', versions, ['next']),
    rememberedChanges: check.integer(
      'rememberedChanges',
      options.rememberedChanges ?? (versions === undefined ? 0 : 100_000),
    ),
    deadLetters: deadLetters === undefined ? undefined : check.port('deadLetters', deadLetters, ['batch']),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}

function checkIndex<Record>(index: IndexDefinition<Record>): IndexDefinition<Record> {
  check.port('index', index, ['load', 'document'])
  check.string('index.name', index.name)
  const optional: {
    readonly id?: unknown
    readonly options?: unknown
    readonly reads?: unknown
  } = index
  if (optional.id !== undefined) check.callable('index.id', optional.id)
  if (optional.options !== undefined) check.callable('index.options', optional.options)
  if (optional.reads !== undefined) check.callable('index.reads', optional.reads)
  return index
}

function checkRetry(retry: BackoffOptions): BackoffOptions {
  if (typeof retry !== 'object') check.fail('retry', 'an object', retry)
  const { initialMs, maxMs, factor } = retry
  if (factor !== undefined && !(factor >= 1)) check.fail('retry.factor', 'a number of at least 1', factor)
  return Object.freeze({
    ...(initialMs !== undefined && { initialMs: check.integer('retry.initialMs', initialMs, { min: 1 }) }),
    ...(maxMs !== undefined && { maxMs: check.integer('retry.maxMs', maxMs, { min: 1 }) }),
    ...(factor !== undefined && { factor }),
  })
}
