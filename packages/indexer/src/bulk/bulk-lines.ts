import type { Entry } from '../entry.ts'

/** The most bytes of a UTF-16 code unit in UTF-8. */
const mostBytes = 3

/** What an operation does. */
export interface Action {
  readonly kind: 'index' | 'delete'
  /** Whether it has an external version, so that a conflict means that the index has a newer document. */
  readonly versioned: boolean
  /** Whether it deletes a routing copy. The entry's own operation comes after it and decides the outcome. */
  readonly isCopy?: true
}

/**
 * Operations and their lines of a bulk request. The lines are one string: the garbage collector would copy thousands of
 * small ones repeatedly while the request is in flight.
 */
export class BulkLines {
  /** The entry of each operation. An entry may have several. */
  readonly entries: readonly Entry[]
  readonly actions: readonly Action[]
  /** For each operation the action and, if it indexes, the document: one line of JSON each. */
  readonly body: string
  /** Where the lines of each operation end in the body. */
  readonly #ends: readonly number[]

  constructor(entries: readonly Entry[], actions: readonly Action[], body: string, ends: readonly number[]) {
    this.entries = entries
    this.actions = actions
    this.body = body
    this.#ends = ends
  }

  /** The number of operations. */
  get length(): number {
    return this.entries.length
  }

  /** The operations from index `from` up to, but not including, `to`. */
  slice(from: number, to: number): BulkLines {
    const start = this.#endOf(from - 1)
    return new BulkLines(
      this.entries.slice(from, to),
      this.actions.slice(from, to),
      this.body.slice(start, this.#endOf(to - 1)),
      this.#ends.slice(from, to).map((end) => end - start),
    )
  }

  /** Splits the operations, in order, into bodies of at most `maxBytes`. A larger operation is alone in its body. */
  chunks(maxBytes: number): readonly BulkLines[] {
    const { length } = this
    if (length === 0) return []
    // Most batches are so small that their bytes need not be counted.
    if (this.body.length * mostBytes <= maxBytes) return [this]
    const starts: number[] = []
    let left = 0
    for (let i = 0; i < length; i++) {
      const bytes = Buffer.byteLength(this.body.slice(this.#endOf(i - 1), this.#endOf(i)))
      if (i === 0 || bytes > left) {
        starts.push(i)
        left = maxBytes
      }
      left -= bytes
    }
    return starts.map((start, i) => this.slice(start, starts[i + 1] ?? length))
  }

  #endOf(index: number): number {
    return this.#ends[index] ?? 0
  }
}
