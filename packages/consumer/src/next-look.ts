import { sleep } from '@kt/core'

/** The first looks follow each other at once, so to speak: whoever waits for little shall not wait for the look. */
const shortestMs = 20
const longestMs = 500

/**
 * Says when it is time to ask the broker again whether a group has reached its goals. What this worker commits is known,
 * so it is asked when that is a goal. For the sake of other workers it is asked meanwhile, too, ever less often: each
 * time takes half a dozen requests.
 */
export class NextLook {
  readonly #goals: ReadonlyMap<number, bigint>
  readonly #reached = new Set<number>()
  readonly #startedAt = Date.now()
  #wake = new AbortController()

  constructor(goals: ReadonlyMap<number, bigint>) {
    this.#goals = goals
  }

  /** Learns what this worker has committed. */
  committed(offsets: ReadonlyMap<number, bigint>): void {
    for (const [partition, offset] of offsets) {
      const goal = this.#goals.get(partition)
      if (goal === undefined || offset < goal || this.#reached.has(partition)) continue
      // Once is enough: offsets that somebody has set back are not reached by asking.
      this.#reached.add(partition)
      this.#wake.abort()
    }
  }

  /** Resolves when it is time: at the latest at the deadline, or when the signal fires. */
  async due(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const waited = Date.now() - this.#startedAt
    const ms = Math.min(longestMs, Math.max(shortestMs, waited / 10), deadline - Date.now())
    const { signal: reached } = this.#wake
    await sleep(ms, signal ? AbortSignal.any([signal, reached]) : reached)
    if (reached.aborted) this.#wake = new AbortController()
  }
}
