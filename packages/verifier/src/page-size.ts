/** A page that takes longer is a load for the database and the search engine. */
const slowMs = 1_000
const fastMs = 250

/** Decides how many records are read at once, from how long that takes. */
export class PageSize {
  readonly #most: number
  #size: number

  constructor(most: number) {
    this.#most = most
    this.#size = Math.min(most, 100)
  }

  get value(): number {
    return this.#size
  }

  /** Adjusts the size to the duration of a page of that size. */
  note(durationMs: number): void {
    if (durationMs > slowMs) this.#size = Math.max(1, this.#size >> 1)
    else if (durationMs < fastMs) this.#size = Math.min(this.#most, this.#size * 2)
  }
}
