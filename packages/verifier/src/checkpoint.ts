import type { RecordId } from '@kt/core'

/** First all documents of the index are compared, then all records of the database are looked up. */
export type VerifyPhase = 'documents' | 'records'

/** Where a verification is, as JSON, so that a later one can continue there. */
export interface VerifyPosition {
  /** The UUIDs of the compared indexes. The position says nothing about others. */
  readonly indexes: readonly string[]
  readonly phase: VerifyPhase
  /** While documents are compared: the number of the shard. */
  readonly shard?: number
  /** The sequence number or the record up to which all were compared. */
  readonly after?: RecordId
}

/**
 * Finds the position up to which nothing is open: everything was scanned, and what seemed wrong on the way was judged.
 */
export class Checkpoint {
  readonly #openIds: () => Iterable<string>
  #scanned: VerifyPosition | undefined
  #waiting: { readonly position: VerifyPosition; readonly ids: Set<string> } | undefined
  #position: VerifyPosition | undefined

  /** @param openIds returns the records that are not judged yet */
  constructor(openIds: () => Iterable<string>) {
    this.#openIds = openIds
  }

  /** Undefined until there is one. */
  get position(): VerifyPosition | undefined {
    return this.#position
  }

  /** Records how far the scan is. */
  scanned(position: VerifyPosition): void {
    this.#scanned = position
    this.judged()
  }

  /** Looks which records were judged meanwhile. */
  judged(): void {
    if (this.#waiting !== undefined) {
      const open = new Set(this.#openIds())
      for (const id of this.#waiting.ids) if (!open.has(id)) this.#waiting.ids.delete(id)
      if (this.#waiting.ids.size > 0) return
      this.#position = this.#waiting.position
      this.#waiting = undefined
    }
    if (this.#scanned === undefined || this.#scanned === this.#position) return
    const ids = new Set(this.#openIds())
    if (ids.size === 0) this.#position = this.#scanned
    else this.#waiting = { position: this.#scanned, ids }
  }
}
