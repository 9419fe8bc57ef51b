import { sleep } from './sleep.ts'

/** Limits work to an even rate. */
export class Pace {
  readonly #msPerUnit: number
  #freeAtMs = -Infinity

  /** @param perSecond may be Infinity */
  constructor(perSecond: number) {
    this.#msPerUnit = 1_000 / perSecond
  }

  /** Resolves when more work may begin, or when the signal fires. */
  async whenFree(signal?: AbortSignal): Promise<void> {
    for (let waitMs = this.#waitMs; waitMs > 0 && signal?.aborted !== true; waitMs = this.#waitMs)
      await sleep(waitMs, signal)
  }

  /** Records work that has been done. */
  note(units: number): void {
    this.#freeAtMs = Math.max(this.#freeAtMs, performance.now()) + units * this.#msPerUnit
  }

  get #waitMs(): number {
    return this.#freeAtMs - performance.now()
  }
}
