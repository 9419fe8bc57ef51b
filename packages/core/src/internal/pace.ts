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
    for (;;) {
      const waitMs = this.#freeAtMs - performance.now()
      if (waitMs <= 0 || signal?.aborted === true) return
      await sleep(waitMs, signal)
    }
  }

  /** Records work that has been done. */
  note(units: number): void {
    this.#freeAtMs = Math.max(this.#freeAtMs, performance.now()) + units * this.#msPerUnit
  }
}
