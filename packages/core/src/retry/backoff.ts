/** Exponential backoff with full jitter: the wait is random between half of the step and the step. */
export interface BackoffOptions {
  /** The first wait. @defaultValue 100 */
  readonly initialMs?: number
  /** The longest wait. Longer spares a service that is down, shorter heals sooner. @defaultValue 10_000 */
  readonly maxMs?: number
  /** How much longer each wait is than the one before. @defaultValue 2 */
  readonly factor?: number
}

/** How long to wait before retry number `attempt` (1 is the first retry), in milliseconds. */
export type Backoff = (attempt: number) => number

/** @param random a number in [0, 1), for tests */
export function backoff(options: BackoffOptions = {}, random: () => number = Math.random): Backoff {
  const { initialMs = 100, maxMs = 10_000, factor = 2 } = options
  return (attempt) => {
    const step = Math.min(maxMs, initialMs * factor ** Math.min(attempt - 1, 64))
    return Math.round(step / 2 + (step / 2) * random())
  }
}
