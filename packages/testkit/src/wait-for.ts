import { setTimeout as delay } from 'node:timers/promises'

export interface WaitForOptions {
  /** @defaultValue 15_000 */
  readonly timeoutMs?: number
  /** @defaultValue 25 */
  readonly intervalMs?: number
  /** The subject of the error message. */
  readonly what?: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Polls until `condition` returns something truthy, and returns it. A rejection counts as 'not yet'. On timeout, the
 * last rejection becomes the cause of the error.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  options: WaitForOptions = {},
): Promise<NonNullable<Awaited<T>>> {
  const { timeoutMs = 15_000, intervalMs = 25, what = 'the condition', signal } = options
  const deadline = performance.now() + timeoutMs
  for (;;) {
    let cause: unknown
    try {
      const result = await condition()
      if (result) return result
    } catch (error) {
      cause = error
    }
    signal?.throwIfAborted()
    if (performance.now() >= deadline) {
      throw new Error(`${what} did not come true within ${timeoutMs} ms`, { cause })
    }
    await delay(intervalMs, undefined, { signal })
  }
}
