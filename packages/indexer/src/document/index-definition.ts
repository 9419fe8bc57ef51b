import type { Payload, RecordId } from '@kt/core'

/** What `load` may want to know. */
export interface LoadContext {
  /** Fires when the records are no longer wanted. */
  readonly signal: AbortSignal
}

/** What goes beside the id in one operation of a bulk request, named as Elasticsearch names it. */
export interface OperationOptions {
  /**
   * Decides the shard. When it changes, the document under the old one is deleted, as far as the message's `references`
   * or a search tell it.
   */
  readonly routing?: string | number | undefined
  /**
   * A version of your own, such as a row version; it replaces the read ticket of this operation. Then it is this
   * version that keeps an old read from overwriting a newer one: it must grow with every change, deletes included.
   */
  readonly version?: number | undefined
  /** @defaultValue `'external'` when there is a version */
  readonly version_type?: 'external' | 'external_gte' | undefined
  /** The ingest pipeline that the document passes. */
  readonly pipeline?: string | undefined
}

/** A search index: its name, where its records are read, and what their documents look like. */
export interface IndexDefinition<Record> {
  /** The index, or an alias with one write index. */
  readonly name: string
  /**
   * The records with these ids that belong in the index, read afresh from the primary database, in any order. What
   * is missing from the result is deleted from the index, so it must throw rather than leave out what it could not
   * read.
   */
  load(ids: readonly string[], context: LoadContext): Promise<readonly Record[]>
  /**
   * The id of a record, as it stands in the messages.
   *
   * @defaultValue its property `id`
   */
  id?(record: Record): RecordId
  /**
   * The document of a record. When it throws, this record goes to the dead letters, and the others go on. It is called
   * as soon as the record is read, and again if the record is read again before it is written.
   */
  document(record: Record): object | Promise<object>
  /**
   * Routing and the like. Called with the record when its document is indexed, and with the message's payload when
   * the document is deleted, since then there is no record. It is also called with the payload of a record that has
   * moved, once for each old value in its `references`, for the routing that its old copy has.
   */
  options?(
    ...subject: [record: Record, operation: 'index'] | [payload: Payload, operation: 'delete']
  ): OperationOptions
}

/** Returns `definition` as it is, with the type of its record inferred from `load`. */
export function defineIndex<Record>(definition: IndexDefinition<Record>): IndexDefinition<Record> {
  return definition
}

/**
 * Settings for an index that an Indexer writes to. Elasticsearch forgets the version of a deleted document after
 * `gc_deletes`, 60 seconds by default; from then on an old read could bring the document back. Ten minutes is longer
 * than any worker stalls; each delete costs a little heap for as long.
 */
export const indexSettings: { readonly gc_deletes: '10m' } = { gc_deletes: '10m' }
