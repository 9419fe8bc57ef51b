/** The longest time of a timer. With a longer time, it would fire at once. */
const longestMs = 2 ** 31 - 1

/**
 * Resolves after `ms` (at most 24.8 days), or at once when the signal fires. The caller checks the signal to find out
 * which.
 */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, Math.min(ms, longestMs))
    signal?.addEventListener('abort', done, { once: true })
  })
}
