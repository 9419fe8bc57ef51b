import { sleep } from '@kt/core'

/** Polls quickly at first, so that short waits aren't delayed. */
const shortestMs = 20
const longestMs = 500

/**
 * Decides when to ask the broker again whether a group has reached its goals, which takes half a dozen requests each
 * time. This worker's own commits are known, so while it has goals to reach the broker is hardly asked, and at once
 * when the last one is reached. For goals of other workers it is asked ever less often.
 */
export class CatchUpPoller {
  /** The offset to reach, of each partition that has not reached it yet. */
  readonly #goals: Map<number, bigint>
  readonly #isOurs: (partition: number) => boolean
  readonly #startedAt = Date.now()
  #wake = new AbortController()

  /** @param isOurs whether this worker has the partition now */
  constructor(goals: ReadonlyMap<number, bigint>, isOurs: (partition: number) => boolean) {
    this.#goals = new Map(goals)
    this.#isOurs = isOurs
  }

  /** Notes what this worker has committed. */
  committed(offsets: ReadonlyMap<number, bigint>): void {
    let isNews = false
    for (const [partition, offset] of offsets) {
      const goal = this.#goals.get(partition)
      if (goal !== undefined && offset >= goal) isNews = this.reached(partition)
    }
    if (isNews && !this.#waitsForUs) this.#wake.abort()
  }

  /**
   * Notes that the goal of a partition is reached, for good: polling would not help if somebody reset the offsets.
   *
   * @returns whether it was not reached before
   */
  reached(partition: number): boolean {
    return this.#goals.delete(partition)
  }

  /** Resolves when the next poll is due: at the latest at the deadline, or when the signal fires. */
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
