/** One write that was made through the web server, and how far the index has followed. */
export interface Change {
  readonly id: number
  readonly kind: 'update' | 'delete' | 'country'
  /** What was done, for people. */
  readonly title: string
  /** When the transaction was committed, in epoch milliseconds. */
  readonly committedAt: number
  /** Where the instant message was lost on purpose: when the delay message comes due. */
  readonly dueAt?: number
  /** How many of the documents concerned show the change. */
  readonly done: number
  readonly total: number
  /** From the commit until the documents showed it. */
  readonly indexedMs?: number
  /** From the commit until searches found it, which Elasticsearch refreshes a little later. */
  readonly searchableMs?: number
}
