import type { Payload, RecordId } from '@kt/core'

/** The context of a `load`. */
export interface LoadContext {
  /** Fires when the records are no longer needed. */
  readonly signal: AbortSignal
}

/** The metadata of one bulk operation besides the id, with Elasticsearch's names. */
export interface OperationOptions {
  /**
   * Selects the shard. When it changes, the document under the former routing is deleted if the message's `references`
   * or a search identify it.
   */
  readonly routing?: string | number | undefined
  /**
   * Your own version, such as a row version. It replaces the read ticket of this operation, so it alone keeps an old
   * read from overwriting a newer one. It must grow with every change, including deletes.
   */
  readonly version?: number | undefined
  /** @defaultValue `'external'` when there is a version */
  readonly version_type?: 'external' | 'external_gte' | undefined
  /** The ingest pipeline for the document. */
  readonly pipeline?: string | undefined
}

/** A search index: its name, how its records are loaded, and how their documents are made. */
export interface IndexDefinition<Record> {
  /** The index, or an alias with one write index. */
  readonly name: string
  /**
   * Loads the records with these ids that belong in the index, from the primary database, in any order. The documents
   * of ids that are missing from the result are deleted. So it must throw when it can't read a record, not leave it
   * out.
   */
  load(ids: readonly string[], context: LoadContext): Promise<readonly Record[]>
  /**
   * The id of a record, as in the messages.
   *
   * @defaultValue its property `id`
   */
  id?(record: Record): RecordId
  /**
   * The document of a record. When it throws, only the messages of this record are sent to the dead letters. It is
   * called right after each read, so possibly more than once before the record is written.
   */
  document(record: Record): object | Promise<object>
  /**
   * Returns the columns that the documents and `options` depend on. Messages of changes to other columns only are
   * skipped. It is called for each batch. With undefined, no message of the batch is skipped.
   *
   * @defaultValue none is skipped
   */
  reads?(): Promise<ReadonlySet<string> | undefined>
  /**
   * Routing, version and pipeline of an operation. The subject is the record when its document is indexed, and the
   * message's payload when the document is deleted, because then there is no record. For a record that has moved, it is
   * also called with the payload and `'delete'`, once for each former value in its `references`, to get the routing of
   * the old copy.
   */
  options?(
    ...subject: [record: Record, operation: 'index'] | [payload: Payload, operation: 'delete']
  ): OperationOptions
}

/** Returns `definition` unchanged. TypeScript infers the type of its records from `load`. */
export function defineIndex<Record>(definition: IndexDefinition<Record>): IndexDefinition<Record> {
  return definition
}

/**
 * Settings for an index that an Indexer writes to. Elasticsearch forgets the version of a deleted document after
 * `gc_deletes`, 60 seconds by default. After that, an old read could bring the document back. Ten minutes is longer
 * than any worker stalls. Each delete takes a little heap for that time.
 */
export const indexSettings: { readonly gc_deletes: '10m' } = { gc_deletes: '10m' }
