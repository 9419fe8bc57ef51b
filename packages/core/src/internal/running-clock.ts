/** Interval between two ticks. At most twice as much counts of the time that passes between them. */
const tickMs = 50

/**
 * Measures the time in which this process could run, in milliseconds. While the process is stopped, starved of CPU or
 * busy with one long task, Kafka may have answered without the process noticing. That time doesn't count towards
 * time-outs.
 *
 * The clock ticks only while it is in use.
 */
class RunningClock {
  #users = 0
  #ticker: NodeJS.Timeout | undefined
  #countedMs = 0
  #tickedAtMs = 0

  /** Call this before `now()`, and once for each `release`. */
  use(): void {
    this.#users += 1
    if (this.#users > 1) return
    // Started anew: the timer of an earlier use may be a fake one of a test that is over.
    clearInterval(this.#ticker)
    this.#countedMs = this.now()
    this.#tickedAtMs = performance.now()
    this.#ticker = setInterval(() => this.#tick(), tickMs)
    this.#ticker.unref()
  }

  release(): void {
    this.#users -= 1
  }

  now(): number {
    return this.#countedMs + Math.min(performance.now() - this.#tickedAtMs, 2 * tickMs)
  }

  #tick(): void {
    this.#countedMs = this.now()
    this.#tickedAtMs = performance.now()
    if (this.#users > 0) return
    clearInterval(this.#ticker)
    this.#ticker = undefined
  }
}

export const runningClock: RunningClock = new RunningClock()
