import type { BulkLines } from '../bulk/bulk-lines.ts'

/** So many records are read first: nothing is known of how large they are. */
const firstRecords = 2

/** A part has at most so many times the records of the one before. */
const growth = 4

/** No part has more before a document was made: deletes tell nothing of how large documents are. */
const longestUnknown = 128

/** The average moves on by half in about as many documents. */
const remembered = 1_000

/** No part shall take more of the time for which what was read may be written. */
const shareOfReadAge = 0.25

export interface PartSizeOptions {
  /** The most records of a part. */
  readonly loadSize: number
  readonly maxBulkBytes: number
  readonly maxReadAgeMs: number
}

/** What a part was, and how long its documents took to build. */
interface Part extends Pick<BulkLines, 'actions' | 'body'> {
  readonly buildMs: number
}

/**
 * How many records of a batch are read at a time: so many that their documents fill no more than one bulk request, going
 * by the size of those that were made last. And so many that they are built long before what was read is too old to be
 * written: else they would be built in vain.
 */
export class PartSize {
  readonly #options: PartSizeOptions
  /** What an operation takes, in bytes. */
  #average: number | undefined
  #limit = firstRecords
  /** How long the last part took for each record: not an average, for after a pause of the process it would be too high. */
  #msPerRecord = 0

  constructor(options: PartSizeOptions) {
    this.#options = options
  }

  get records(): number {
    const { loadSize, maxBulkBytes, maxReadAgeMs } = this.#options
    const average = this.#average
    const fitting = average === undefined ? longestUnknown : Math.floor(maxBulkBytes / average)
    const timely = Math.floor((maxReadAgeMs * shareOfReadAge) / this.#msPerRecord)
    return Math.max(1, Math.min(loadSize, this.#limit, fitting, timely))
  }

  /** About what the operations of so many records take, in bytes. */
  bytesOf(records: number): number {
    return Math.ceil(records * (this.#average ?? this.#options.maxBulkBytes / this.#limit))
  }

  /** Learns from what has become of a part. */
  learn({ actions, body, buildMs }: Part): void {
    this.#msPerRecord = actions.length === 0 ? 0 : buildMs / actions.length
    this.#limit = Math.min(this.#options.loadSize, this.#limit * growth)
    let documents = 0
    for (const { kind } of actions) if (kind === 'index') documents++
    if (documents === 0) return
    const before = this.#average ?? 0
    const known = this.#average === undefined ? 0 : remembered
    this.#average = (known * before + body.length) / (known + documents)
  }
}
