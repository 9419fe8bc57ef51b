import { defaultLogger, noopMeter, optionChecker } from '@kt/core'
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
  /** Where the messages come from. */
  readonly consumer: MessageConsumer
  /** The Elasticsearch or OpenSearch client, as it is. */
  readonly client: BulkClient
  /** The topic that names the changed records. */
  readonly topic: string
  /** The consumer group: Indexers of the same name share the topic, each name has its own index to feed. */
  readonly name: string
  /** What is indexed, and how. */
  readonly index: IndexDefinition<Record>
  /**
   * Restricts this Indexer to one partition; a second one with the same topic, name and partition stands by.
   *
   * @defaultValue all partitions, shared with the other Indexers of this name
   */
  readonly partition?: number
  /**
   * Where a new consumer group begins. With `latest` it skips what is in the topic: for an index that was just filled from
   * the database, if the group was created before that began.
   *
   * @defaultValue 'earliest'
   */
  readonly from?: StartOffset
  /**
   * The most messages of one batch, after which offsets are committed. Larger batches keep database and search engine
   * at work at the same time, and a crash repeats more. What waits for its turn takes little memory.
   *
   * @defaultValue 4000
   */
  readonly batchSize?: number
  /**
   * The most records that are read at once: one query, and one bulk request. The next are read while these are written.
   * More at once cost less per record and hold more in memory. Of large documents fewer are read, as many as fit
   * `maxBulkBytes`.
   *
   * @defaultValue 2000
   */
  readonly loadSize?: number
  /**
   * The size at which a bulk request is split, in bytes. Larger requests cost less per document; beyond about
   * 10 MB they only strain the heap of the search engine. A document that is larger goes alone.
   *
   * @defaultValue 8_388_608
   */
  readonly maxBulkBytes?: number
  /**
   * How much all partitions together may have under way, in bytes of bulk requests: what is being read, waits to be sent,
   * or is being indexed. What was read for them takes about as much again. More keeps a fast search engine busy where
   * documents are large; too little makes partitions wait for each other. It is a bound: while the search engine refuses
   * requests (429) it gets less, by itself.
   *
   * @defaultValue 67_108_864
   */
  readonly maxInFlightBytes?: number
  /**
   * How long a bulk request may take, in milliseconds, before it counts as failed and is tried again. Neither client
   * has a time-out that fits.
   *
   * @defaultValue 30_000
   */
  readonly requestTimeoutMs?: number
  /**
   * How long a read of a batch may take, in milliseconds, before it counts as failed and is tried again: a connection
   * to the database may be lost without notice. The database client should give up sooner, so that the connection is
   * replaced; with Sequelize and PostgreSQL that takes `dialectOptions: { query_timeout }`.
   *
   * @defaultValue 120_000
   */
  readonly loadTimeoutMs?: number
  /**
   * How old what was read may be when it is written, in milliseconds: a worker may have stood still meanwhile. What is
   * older is read again. It has to be far below `index.gc_deletes` (60 s): for so long the search engine remembers the
   * version of a deleted document, and later an old read would bring it back.
   *
   * @defaultValue 15_000
   */
  readonly maxReadAgeMs?: number
  /**
   * How long a `document()` that returns a promise may take, in milliseconds, before its record becomes a dead letter.
   *
   * @defaultValue 30_000
   */
  readonly documentTimeoutMs?: number
  /** The waits between the tries of what failed but may yet succeed. It is tried for as long as it takes. */
  readonly retry?: BackoffOptions
  /**
   * Read tickets, such as `readTickets(sequelize)`: with them a worker that stalled can't overwrite what another has
   * read later. Costs one round trip to the database per batch.
   *
   * @defaultValue none: of two workers that index the same record at the same time, the last one wins
   */
  readonly versions?: ReadTickets
  /**
   * How many changes are remembered as indexed, so that their delay messages, when they come due, are skipped. Should
   * cover the changes of one delay period; one takes about 150 bytes. 0 indexes every change twice.
   *
   * Without `versions` the second time is what heals a late write of a stalled worker, so a number other than 0
   * trades safety for load.
   *
   * @defaultValue 100_000 with `versions`, else 0
   */
  readonly rememberedChanges?: number
  /**
   * Where the dead letters go: what can't be indexed is sent to `<topic>.dead-letter` with its reason.
   *
   * @defaultValue none: it is logged, without its data, counted, and passed over
   */
  readonly deadLetters?: MessageProducer
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measures nothing */
  readonly meter?: Meter
}

/** The options with all defaults filled in. */
export interface ResolvedOptions<Record> {
  readonly consumer: MessageConsumer
  readonly client: BulkClient
  readonly topic: string
  readonly name: string
  readonly index: IndexDefinition<Record>
  readonly partition: number | undefined
  readonly from: StartOffset
  readonly batchSize: number
  readonly loadSize: number
  readonly maxBulkBytes: number
  readonly maxInFlightBytes: number
  readonly requestTimeoutMs: number
  readonly loadTimeoutMs: number
  readonly maxReadAgeMs: number
  readonly documentTimeoutMs: number
  readonly retry: BackoffOptions
  readonly versions: ReadTickets | undefined
  readonly rememberedChanges: number
  readonly deadLetters: MessageProducer | undefined
  readonly logger: Logger
  readonly meter: Meter
}

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
    batchSize: check.integer('batchSize', options.batchSize ?? 4_000, { min: 1 }),
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
  const optional: { readonly id?: unknown; readonly options?: unknown } = index
  if (optional.id !== undefined) check.callable('index.id', optional.id)
  if (optional.options !== undefined) check.callable('index.options', optional.options)
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
