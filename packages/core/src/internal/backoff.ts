/** Exponential backoff with jitter: the wait is random between half of the step and the step. */
export interface BackoffOptions {
  /**
   * The first wait, in milliseconds.
   *
   * @defaultValue 100
   */
  readonly initialMs?: number
  /**
   * The longest wait, in milliseconds. Longer: less load on a service that is down. Shorter: quicker recovery.
   *
   * @defaultValue 10_000
   */
  readonly maxMs?: number
  /**
   * Factor between one wait and the next.
   *
   * @defaultValue 2
   */
  readonly factor?: number
}

/** Returns the wait before retry number `attempt` (1 is the first retry), in milliseconds. */
export type Backoff = (attempt: number) => number

/** @param random returns a number in [0, 1); for tests */
export function backoff(options: BackoffOptions = {}, random: () => number = Math.random): Backoff {
  const { initialMs = 100, maxMs = 10_000, factor = 2 } = options
  return (attempt) => {
    const step = Math.min(maxMs, initialMs * factor ** Math.min(attempt - 1, 64))
    return Math.round(step / 2 + (step / 2) * random())
  }
}
