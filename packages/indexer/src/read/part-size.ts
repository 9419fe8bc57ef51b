import type { BulkLines } from '../bulk/bulk-lines.ts'

/** The records of the first part, when nothing is known about their size. */
const firstRecords = 2

/** A part has at most this many times the records of the one before. */
const growth = 4

/** The most records of a part until a document was built: deletes don't show how large documents are. */
const maxUnknown = 128

/** After about this many documents the average has moved halfway to a new size. */
const averageWindow = 1_000

/** The most of `maxReadAgeMs` that building the documents of a part may take. */
const shareOfReadAge = 0.25

export interface PartSizeOptions {
  /** The most records of a part. */
  readonly loadSize: number
  readonly maxBulkBytes: number
  readonly maxReadAgeMs: number
}

/** The operations of a part, and how long its documents took to build. */
interface Part extends Pick<BulkLines, 'actions' | 'body'> {
  readonly buildMs: number
}

/**
 * Limits how many records of a batch are read at a time, by the size and build time of recent documents. The documents
 * of a part fit one bulk request, and are built long before the read becomes too old to be written.
 */
export class PartSize {
  readonly #options: PartSizeOptions
  /** The bytes of an operation. */
  #average: number | undefined
  #limit = firstRecords
  /** The time per record of the last part. An average would be too high for long after the process has stalled once. */
  #msPerRecord = 0

  constructor(options: PartSizeOptions) {
    this.#options = options
  }

  get records(): number {
    const { loadSize, maxBulkBytes, maxReadAgeMs } = this.#options
    const average = this.#average
    const fitting = average === undefined ? maxUnknown : Math.floor(maxBulkBytes / average)
    const timely = Math.floor((maxReadAgeMs * shareOfReadAge) / this.#msPerRecord)
    return Math.max(1, Math.min(loadSize, this.#limit, fitting, timely))
  }

  /** The expected bytes of the operations of this many records. */
  bytesOf(records: number): number {
    return Math.ceil(records * (this.#average ?? this.#options.maxBulkBytes / this.#limit))
  }

  /** Updates the estimates with a part that was built. */
  learn({ actions, body, buildMs }: Part): void {
    this.#msPerRecord = actions.length === 0 ? 0 : buildMs / actions.length
    this.#limit = Math.min(this.#options.loadSize, this.#limit * growth)
    let documents = 0
    for (const { kind } of actions) if (kind === 'index') documents++
    if (documents === 0) return
    const before = this.#average ?? 0
    const known = this.#average === undefined ? 0 : averageWindow
    this.#average = (known * before + body.length) / (known + documents)
  }
}
