import type { Entry } from '../entry.ts'

/** A UTF-16 unit takes at most so many bytes in UTF-8. */
const mostBytes = 3

/** What an operation does. */
export interface Action {
  readonly kind: 'index' | 'delete'
  /** Whether it carries an external version, so that a conflict means that something newer is there. */
  readonly versioned: boolean
  /** Whether it deletes an old copy of the entry, before the operation that tells what became of the entry. */
  readonly isCopy?: true
}

/**
 * Operations, and the lines of a bulk request that say them, in one string: thousands of small ones would be copied by
 * the garbage collector again and again while the request is under way.
 */
export class BulkLines {
  /** Of each operation in turn. */
  readonly entries: readonly Entry[]
  readonly actions: readonly Action[]
  /** The action and, to index, the document of each operation: a line of JSON each. */
  readonly body: string
  /** Where the lines of each operation end in the body. */
  readonly #ends: readonly number[]

  constructor(entries: readonly Entry[], actions: readonly Action[], body: string, ends: readonly number[]) {
    this.entries = entries
    this.actions = actions
    this.body = body
    this.#ends = ends
  }

  /** How many operations there are. */
  get length(): number {
    return this.entries.length
  }

  /** Those from the one of the two indexes to before the other. */
  slice(from: number, to: number): BulkLines {
    const start = this.#endOf(from - 1)
    return new BulkLines(
      this.entries.slice(from, to),
      this.actions.slice(from, to),
      this.body.slice(start, this.#endOf(to - 1)),
      this.#ends.slice(from, to).map((end) => end - start),
    )
  }

  /** All in order, in parts whose bodies have at most `maxBytes`; what is larger goes alone. */
  chunks(maxBytes: number): readonly BulkLines[] {
    const { length } = this
    if (length === 0) return []
    // Most batches are so small that nothing needs to be counted.
    if (this.body.length * mostBytes <= maxBytes) return [this]
    const starts: number[] = []
    let room = 0
    for (let i = 0; i < length; i++) {
      const bytes = Buffer.byteLength(this.body.slice(this.#endOf(i - 1), this.#endOf(i)))
      if (i === 0 || bytes > room) {
        starts.push(i)
        room = maxBytes
      }
      room -= bytes
    }
    return starts.map((start, i) => this.slice(start, starts[i + 1] ?? length))
  }

  #endOf(index: number): number {
    return this.#ends[index] ?? 0
  }
}
