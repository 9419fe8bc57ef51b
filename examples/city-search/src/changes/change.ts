/** One write through the web server, and how much of it the index shows. */
export interface Change {
  readonly id: number
  readonly kind: 'update' | 'delete' | 'country'
  /** The written row, such as `cities/101`. */
  readonly record: string
  /** Describes the write for people. */
  readonly title: string
  /** Commit time of the transaction, in epoch milliseconds. */
  readonly committedAt: number
  /** When the delay message comes due. Only set if the instant message was lost on purpose. */
  readonly dueAt?: number
  /** Number of affected documents that show the change. */
  readonly done: number
  readonly total: number
  /** From the commit until the documents showed the change. */
  readonly indexedMs?: number
  /**
   * Whether its own delay message brought the change to the index. False if a message of another write was faster,
   * because the Indexer always reads the latest row. Only set together with `dueAt` and `indexedMs`.
   */
  readonly healed?: boolean
  /** From the commit until searches found the change. Elasticsearch refreshes searches a little later. */
  readonly searchableMs?: number
}
