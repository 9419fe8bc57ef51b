import { sleep } from '@kt/core'

/** The first looks follow each other at once, so to speak: whoever waits for little shall not wait for the look. */
const shortestMs = 20
const longestMs = 500

/**
 * Says when it is time to ask the broker again whether a group has reached its goals: each time takes half a dozen
 * requests. What this worker commits is known, so it is asked when that is the last of its goals, and hardly before.
 * For the sake of other workers it is asked ever less often.
 */
export class NextLook {
  /** What is still to be reached. */
  readonly #goals: Map<number, bigint>
  readonly #isOurs: (partition: number) => boolean
  readonly #startedAt = Date.now()
  #wake = new AbortController()

  /** @param isOurs whether this worker has the partition now */
  constructor(goals: ReadonlyMap<number, bigint>, isOurs: (partition: number) => boolean) {
    this.#goals = new Map(goals)
    this.#isOurs = isOurs
  }

  /** Learns what this worker has committed. */
  committed(offsets: ReadonlyMap<number, bigint>): void {
    let isNews = false
    for (const [partition, offset] of offsets) {
      const goal = this.#goals.get(partition)
      if (goal !== undefined && offset >= goal) isNews = this.reached(partition)
    }
    if (isNews && !this.#waitsForUs) this.#wake.abort()
  }

  /**
   * Learns that the goal of a partition is reached. Once is enough: offsets that somebody has set back are not reached
   * by asking.
   *
   * @returns whether that is news
   */
  reached(partition: number): boolean {
    return this.#goals.delete(partition)
  }

  /** Resolves when it is time: at the latest at the deadline, or when the signal fires. */
  async due(deadline: number, signal: AbortSignal | undefined): Promise<void> {
    const waited = Date.now() - this.#startedAt
    const pause = this.#waitsForUs ? longestMs : Math.min(longestMs, Math.max(shortestMs, waited / 10))
    const { signal: reached } = this.#wake
    await sleep(Math.min(pause, deadline - Date.now()), signal ? AbortSignal.any([signal, reached]) : reached)
    if (reached.aborted) this.#wake = new AbortController()
  }

  get #waitsForUs(): boolean {
    for (const partition of this.#goals.keys()) if (this.#isOurs(partition)) return true
    return false
  }
}
