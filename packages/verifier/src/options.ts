import { defaultLogger, noopMeter } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Logger, MessageProducer, Meter, RecordId } from '@kt/core'
import type { IndexDefinition } from '@kt/indexer'
import type { VerifyPosition } from './checkpoint.ts'
import type { Difference, VerifyProgress } from './report.ts'
import type { SearchClient } from './search-client.ts'

/** An index, and all ids that its records may have. A `modelIndex` is one. */
export interface VerifiableIndex<Record> extends IndexDefinition<Record> {
  /** Yields the ids of all records, in pages. Ids of records that don't belong in the index may be among them. */
  ids(options: {
    readonly pageSize: number
    /** Continues after this record. */
    readonly after?: RecordId
  }): AsyncIterable<readonly RecordId[]>
  /** Whether `ids` can continue after a record. @defaultValue false */
  readonly canContinue?: boolean
  /**
   * The field of the documents that keeps a hash of their content, as a doc value. Then the hashes alone are compared.
   *
   * @defaultValue none: documents are compared as a whole
   */
  readonly contentHash?: string
}

export interface VerifierOptions<Record> {
  /** The index, and how its documents are made. */
  readonly index: VerifiableIndex<Record>
  /** An Elasticsearch or OpenSearch client. */
  readonly client: SearchClient
  /**
   * Resolves when the Indexer and the Cascaders have handled all that is in their topics, such as
   * `({ signal }) => indexer.whenCaughtUp({ signal })`. With it, changes that are under way are never taken for differences.
   *
   * @defaultValue none: a difference counts when it has not changed during `settleMs`
   */
  readonly whenCaughtUp?: (options: { readonly signal: AbortSignal }) => Promise<void>
  /**
   * Where to send the ids of records whose documents are wrong: the topic of the index's Indexer.
   *
   * @defaultValue none: `heal` is refused
   */
  readonly heal?: HealOptions
  /**
   * How long a difference must stay the same to count, in milliseconds. A change reaches the index within
   * milliseconds. Less means false alarms under load, more means a later report.
   *
   * @defaultValue 2_000
   */
  readonly settleMs?: number
  /**
   * The most records that are compared at once. They are in memory twice. Fewer are read at a time if a page takes
   * longer than a second.
   *
   * @defaultValue 1_000
   */
  readonly pageSize?: number
  /**
   * The most records and documents per second, so that others can use the database and the search engine, too.
   *
   * @defaultValue `Infinity`: as fast as possible
   */
  readonly recordsPerSecond?: number
  /**
   * Whether a document is the expected one. Both are what JSON makes of them. Use it for fields that an ingest pipeline
   * adds.
   *
   * @defaultValue deep equality
   */
  readonly isSame?: (expected: object, found: object) => boolean
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

export interface HealOptions {
  readonly producer: MessageProducer
  /** The topic of the index's Indexer. */
  readonly topic: string
  /**
   * How long to wait for the Indexer, in milliseconds. What is still wrong then is reported as it is.
   *
   * @defaultValue 60_000
   */
  readonly timeoutMs?: number
}

export interface VerifyOptions {
  /**
   * Whether to send the records of wrong documents to the Indexer, and to look again afterwards.
   *
   * @defaultValue false
   */
  readonly heal?: boolean
  /**
   * Continues an earlier verification: the `position` of its last progress. The report tells what was found from there
   * on.
   *
   * @defaultValue the beginning
   */
  readonly from?: VerifyPosition
  /** Called after each page. */
  readonly onProgress?: (progress: VerifyProgress) => void
  /** Called for each difference, after its healing. */
  readonly onDifference?: (difference: Difference) => void
  readonly signal?: AbortSignal
}

export interface ResolvedVerifierOptions<Record> {
  readonly index: VerifiableIndex<Record>
  readonly client: SearchClient
  readonly whenCaughtUp: ((options: { readonly signal: AbortSignal }) => Promise<void>) | undefined
  readonly heal: Required<HealOptions> | undefined
  readonly settleMs: number
  readonly pageSize: number
  readonly recordsPerSecond: number
  readonly isSame: ((expected: object, found: object) => boolean) | undefined
  readonly logger: Logger
  readonly meter: Meter
}

const check = optionChecker('Verifier')

/** @throws KtError `KT_OPTION_INVALID` */
export function resolveOptions<Record>(options: VerifierOptions<Record>): ResolvedVerifierOptions<Record> {
  const { index, client, whenCaughtUp, heal, isSame, recordsPerSecond } = options
  check.port('index', index, ['load', 'document', 'ids'])
  check.string('index.name', index.name)
  if (isSame !== undefined && index.contentHash !== undefined)
    check.fail('isSame', 'left out with an index that has a content hash: documents are not read')
  return Object.freeze({
    index,
    client: check.port('client', client, ['search', 'mget', 'searchShards']),
    whenCaughtUp: whenCaughtUp && check.callable('whenCaughtUp', whenCaughtUp),
    heal: heal && {
      producer: check.port('heal.producer', heal.producer, ['batch']),
      topic: check.string('heal.topic', heal.topic),
      timeoutMs: check.integer('heal.timeoutMs', heal.timeoutMs ?? 60_000),
    },
    settleMs: check.integer('settleMs', options.settleMs ?? 2_000),
    pageSize: check.integer('pageSize', options.pageSize ?? 1_000, { min: 1, max: 10_000 }),
    recordsPerSecond:
      recordsPerSecond === undefined
        ? Infinity
        : check.integer('recordsPerSecond', recordsPerSecond, { min: 1 }),
    isSame: isSame && check.callable('isSame', isSame),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}
