import { defaultLogger, noopMeter } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Logger, MessageConsumer, MessageProducer, Meter, ReadTickets, RecordId } from '@kt/core'
import type { BulkClient, IndexerOptions } from '@kt/indexer'
import type { SearchClient, VerifiableIndex, VerifierOptions } from '@kt/verifier'
import type { GenerationsClient } from './generations-client.ts'

/** An index definition that knows how its index is created. A `modelIndex` is one. Its name is an alias. */
export interface ReindexableIndex<Record> extends VerifiableIndex<Record> {
  /** The alias that searches use. */
  readonly name: string
  /** The mappings, in the search engine's own form. */
  readonly mappings?: object | undefined
  /** The settings, in the search engine's own form. */
  readonly settings?: object | undefined
  /**
   * The version of `document`. Raise it when documents change.
   *
   * @defaultValue 1
   */
  readonly version?: number | undefined
  /** Identifies the database and the table, so that one index is never continued from another database. */
  database(): Promise<string>
  /** Yields the ids of all records, in pages, in a fixed order. */
  ids(options: {
    readonly pageSize: number
    /** Continues after this record. */
    readonly after?: RecordId
  }): AsyncIterable<readonly RecordId[]>
  /** Whether `ids` can continue after a record. Otherwise a backfill that was ended begins anew. */
  readonly canContinue?: boolean
  /** The number of records, for the progress. */
  count?(): Promise<number>
}

export interface ReindexerOptions<Record> {
  /** The index as it should be. */
  readonly index: ReindexableIndex<Record>
  /**
   * Former definitions of the same index, with other versions. Their generations are kept up to date, so that a rollback
   * is possible at any time. Without them, that is up to the workers of the former release.
   *
   * @defaultValue none
   */
  readonly previous?: readonly ReindexableIndex<Record>[]
  /** An Elasticsearch or OpenSearch client. */
  readonly client: BulkClient & SearchClient & GenerationsClient
  /** Receives the messages. Each generation has a worker of its own, so give `Consumer` a function as `kafka`. */
  readonly consumer: MessageConsumer
  /** Sends the ids of records whose documents are wrong, and dead letters. */
  readonly producer: MessageProducer
  /** The topic of the messages about changed records. */
  readonly topic: string
  /** Read tickets. The backfill and the Indexer write the same documents at the same time. */
  readonly versions: ReadTickets
  /** Further options of the Indexers, such as `loadSize`. */
  readonly indexer?: Partial<
    Omit<
      IndexerOptions<Record>,
      'index' | 'client' | 'consumer' | 'topic' | 'name' | 'partition' | 'from' | 'versions' | 'deadLetters'
    >
  >
  /** Further options of the Verifier, such as `isSame` for fields that an ingest pipeline adds. */
  readonly verifier?: Pick<VerifierOptions<Record>, 'isSame' | 'settleMs' | 'pageSize'>
  /**
   * Resolves when the Cascaders that send messages to `topic` have handled all that is in their own topics, such as
   * `({ signal }) => cascades.whenCaughtUp({ signal })`.
   *
   * @defaultValue nothing is awaited; changes of other models may then be reported as differences
   */
  readonly whenCascaded?: (options: { readonly signal: AbortSignal }) => Promise<void>
  /**
   * The most records per second of the backfill and of the comparison, so that edits stay fast meanwhile.
   *
   * @defaultValue `Infinity`: as fast as possible
   */
  readonly recordsPerSecond?: number
  /**
   * How many records the backfill reads at once. With `recordsPerSecond`, at most half of that.
   *
   * @defaultValue 4_000
   */
  readonly pageSize?: number
  /**
   * How often `run` looks for generations that were added or dropped, and how often `ensure` saves its position and
   * checks that the index still exists, in milliseconds.
   *
   * @defaultValue 5_000
   */
  readonly refreshMs?: number
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

export interface ResolvedReindexerOptions<Record> extends Omit<
  ReindexerOptions<Record>,
  'previous' | 'recordsPerSecond' | 'pageSize' | 'refreshMs' | 'logger' | 'meter'
> {
  /** The definitions by version: the wanted one and the former ones. */
  readonly definitions: ReadonlyMap<number, ReindexableIndex<Record>>
  readonly recordsPerSecond: number
  readonly pageSize: number
  readonly refreshMs: number
  readonly logger: Logger
  readonly meter: Meter
}

/** The version of a definition that has none. */
const firstVersion = 1

const check = optionChecker('Reindexer')

/** @throws KtError `KT_OPTION_INVALID` */
export function resolveOptions<Record>(options: ReindexerOptions<Record>): ResolvedReindexerOptions<Record> {
  const { index, previous = [], recordsPerSecond, whenCascaded, ...others } = options
  checkIndex('index', index)
  const definitions = new Map([[versionOf(index), index]])
  for (const [number, each] of previous.entries()) {
    const name = `previous[${number}]`
    checkIndex(name, each)
    if (each.name !== index.name) check.fail(`${name}.name`, `"${index.name}", as that of index`, each.name)
    if (definitions.has(versionOf(each)))
      check.fail(`${name}.version`, 'a version of its own', versionOf(each))
    definitions.set(versionOf(each), each)
  }
  const hasHash = [...definitions.values()].some(({ contentHash }) => contentHash !== undefined)
  if (hasHash && options.verifier?.isSame !== undefined)
    check.fail('verifier.isSame', 'left out with an index that has a content hash: documents are not read')
  return Object.freeze({
    ...others,
    index,
    definitions,
    ...(whenCascaded && { whenCascaded: check.callable('whenCascaded', whenCascaded) }),
    client: check.port('client', options.client, ['bulk', 'search', 'mget', 'searchShards']),
    consumer: check.port('consumer', options.consumer, ['consume']),
    producer: check.port('producer', options.producer, ['batch']),
    topic: check.string('topic', options.topic),
    versions: check.port('versions', options.versions, ['next']),
    recordsPerSecond:
      recordsPerSecond === undefined
        ? Infinity
        : check.integer('recordsPerSecond', recordsPerSecond, { min: 1 }),
    pageSize: check.integer('pageSize', options.pageSize ?? 4_000, { min: 1 }),
    refreshMs: check.integer('refreshMs', options.refreshMs ?? 5_000, { min: 10 }),
    logger: check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error']),
    meter: check.port('meter', options.meter ?? noopMeter, ['add', 'record']),
  })
}

export function versionOf({ version = firstVersion }: { readonly version?: number | undefined }): number {
  return version
}

function checkIndex<Record>(name: string, index: ReindexableIndex<Record>): void {
  check.port(name, index, ['load', 'document', 'ids', 'database'])
  check.string(`${name}.name`, index.name)
  check.integer(`${name}.version`, versionOf(index), { min: 1 })
}
