import type { BulkLines } from './bulk-lines.ts'

/** Until a document was made, it is taken for large: a hundred of them are read, not thousands. */
const firstGuessBytes = 65_536

/** The average moves on by half in about as many documents. */
const remembered = 1_000

export interface PartSizeOptions {
  /** The most records of a part. */
  readonly loadSize: number
  readonly maxBulkBytes: number
}

/**
 * How many records of a batch are read at a time: so many that their documents fill no more than one bulk request, going
 * by the size of those that were made last.
 */
export class PartSize {
  readonly #options: PartSizeOptions
  /** What an operation takes, in bytes. */
  #average: number | undefined

  constructor(options: PartSizeOptions) {
    this.#options = options
  }

  get records(): number {
    const { loadSize, maxBulkBytes } = this.#options
    return Math.max(1, Math.min(loadSize, Math.floor(maxBulkBytes / this.#bytesOfOne)))
  }

  /** About what the operations of so many records take, in bytes. */
  bytesOf(records: number): number {
    return Math.ceil(records * this.#bytesOfOne)
  }

  /** Learns from what has become of a part. Deletes tell nothing of documents. */
  learn({ actions, body }: Pick<BulkLines, 'actions' | 'body'>): void {
    let documents = 0
    for (const { kind } of actions) if (kind === 'index') documents++
    if (documents === 0) return
    const known = this.#average === undefined ? 0 : remembered
    this.#average = (known * this.#bytesOfOne + body.length) / (known + documents)
  }

  get #bytesOfOne(): number {
    return this.#average ?? firstGuessBytes
  }
}
