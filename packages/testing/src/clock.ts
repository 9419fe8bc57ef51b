/**
 * The clock of the broker, which stands still until a test advances it.
 *
 * Workers compare a message's timestamp with `Date.now()`, which is left alone. So a message is delivered with the
 * timestamp `Date.now() - age`, where its age is how far this clock was advanced since it was written. Five minutes
 * later by this clock, it looks five minutes old. Pauses end by this clock, too. Neither depends on how long the test
 * takes.
 */
export class Clock {
  #nowMs = 0

  /** By how much the clock was advanced in total. */
  get nowMs(): number {
    return this.#nowMs
  }

  /** Never goes back. */
  moveTo(ms: number): void {
    this.#nowMs = Math.max(this.#nowMs, ms)
  }
}

/** The fake clock of a `memoryKafka`. */
export interface MemoryClock {
  /** By how many milliseconds the clock was advanced in total. */
  readonly elapsedMs: number
  /**
   * Lets time pass for delays, pauses and the age of messages. It stops wherever a pause ends, and goes on once
   * everything that follows is done. So a chain of delays happens as in real time, at once. Timers and `Date` are not
   * affected.
   *
   * @throws as `whenCaughtUp`
   */
  advance(ms: number): Promise<void>
}
