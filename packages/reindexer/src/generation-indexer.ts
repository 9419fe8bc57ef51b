import { Indexer } from '@kt/indexer'
import type { IndexerOptions } from '@kt/indexer'
import type { VerifiableIndex } from '@kt/verifier'
import type { Generation } from './generation.ts'
import type { GivenUp } from './given-up.ts'
import type { ReindexableIndex, ResolvedReindexerOptions } from './options.ts'

/** Returns the definition that makes the documents of a generation; undefined if this process doesn't have it. */
export function definitionOf<Record>(
  { definitions }: Pick<ResolvedReindexerOptions<Record>, 'definitions'>,
  { state }: Generation,
): ReindexableIndex<Record> | undefined {
  return definitions.get(state.version)
}

/** Returns a definition under another name. It may be an instance of a class, so it is not copied. */
export function named<Record>(definition: ReindexableIndex<Record>, name: string): VerifiableIndex<Record> {
  return {
    name,
    load: (ids, context) => definition.load(ids, context),
    document: (record) => definition.document(record),
    ids: (options) => definition.ids(options),
    ...(definition.contentHash !== undefined && { contentHash: definition.contentHash }),
    ...(definition.id && { id: (record: Record) => definition.id?.(record) ?? '' }),
    ...(definition.reads && { reads: async () => definition.reads?.() }),
    ...(definition.options && {
      options: (...subject: Parameters<NonNullable<typeof definition.options>>) =>
        definition.options?.(...subject) ?? {},
    }),
  }
}

/**
 * Creates the Indexer that keeps a generation up to date. Each generation has its own consumer group: a generation that
 * fails or falls behind leaves the others alone.
 */
export function newFollower<Record>(
  options: ResolvedReindexerOptions<Record>,
  generation: Generation,
  definition: ReindexableIndex<Record>,
  givenUp?: GivenUp,
): Indexer<Record> {
  return new Indexer({
    ...sharedOptions(options),
    index: named(definition, generation.name),
    consumer: givenUp?.watching(options.consumer) ?? options.consumer,
    name: generation.group,
    // The backfill reads what was changed before. Later, a group that has lost its offsets must miss nothing.
    from: generation.state.phase === 'new' ? 'latest' : 'earliest',
  })
}

/** The options of all Indexers. */
export function sharedOptions<Record>({
  client,
  topic,
  versions,
  producer,
  logger,
  meter,
  indexer,
}: ResolvedReindexerOptions<Record>): Omit<IndexerOptions<Record>, 'index' | 'consumer' | 'name'> {
  return { logger, meter, ...indexer, client, topic, versions, deadLetters: producer }
}
