import { sleep } from '@kt/core/internal'

/** Polls quickly at first, so that short waits aren't delayed. */
const shortestMs = 2
const longestMs = 500

/**
 * Decides when to poll the broker for a group's offsets, which takes several requests each time. This worker's own
 * commits are known: while some of the goals are its own, polls seldom, and polls at once when the last of them is
 * reached. For goals of other workers, polls less and less often.
 */
export class CatchUpPoller {
  /** The goal of each partition that has not reached it yet. */
  readonly #goals: Map<number, bigint>
  readonly #isOurs: (partition: number) => boolean
  readonly #startedAt = Date.now()
  #wake = new AbortController()

  /** @param isOurs whether this worker owns the partition now */
  constructor(goals: ReadonlyMap<number, bigint>, isOurs: (partition: number) => boolean) {
    this.#goals = new Map(goals)
    this.#isOurs = isOurs
  }

  /** Records a commit of this worker. */
  committed(offsets: ReadonlyMap<number, bigint>): void {
    let isNew = false
    for (const [partition, offset] of offsets) {
      const goal = this.#goals.get(partition)
      if (goal !== undefined && offset >= goal) isNew = this.reached(partition)
    }
    if (isNew && !this.#waitsForUs) this.#wake.abort()
  }

  /**
   * Records that a partition has reached its goal. This is final: if the offsets are reset later, polling would not
   * help.
   *
   * @returns whether it was not reached before
   */
  reached(partition: number): boolean {
    return this.#goals.delete(partition)
  }

  /** Resolves when the next poll is due, at the deadline, or when the signal fires. */
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
