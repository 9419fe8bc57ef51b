import { startTimeout } from './real-timers.ts'

export interface UntilOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
}

/** Lets others wait for a condition, which is checked after each change, without polling. */
export class Changes {
  readonly #checks = new Set<() => void>()

  /** Call this after each change that a condition may depend on. */
  notify(): void {
    for (const check of this.#checks) check()
  }

  /**
   * Resolves when `condition` returns true, when the time is over, or when the signal fires.
   *
   * @throws the error of `condition`
   */
  async until(
    condition: () => boolean,
    { timeoutMs, signal }: UntilOptions,
  ): Promise<'met' | 'late' | 'aborted'> {
    let stop = (): void => undefined
    const outcome = new Promise<'met' | 'late' | 'aborted'>((resolve, reject) => {
      const check = (): void => {
        try {
          if (condition()) resolve('met')
          else if (signal?.aborted === true) resolve('aborted')
        } catch (error) {
          reject(error)
        }
      }
      const stopTimeout = startTimeout(timeoutMs, () => resolve('late'))
      signal?.addEventListener('abort', check, { once: true })
      this.#checks.add(check)
      stop = () => {
        stopTimeout()
        signal?.removeEventListener('abort', check)
        this.#checks.delete(check)
      }
      check()
    })
    try {
      return await outcome
    } finally {
      stop()
    }
  }
}
