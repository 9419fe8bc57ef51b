import { runningClock } from './running-clock.ts'

/**
 * Resolves with the result of `working`, unless that takes longer than `limitMs` of the time in which the process could
 * run. Its result is then ignored. A connection may be lost without an error, and waiting for its answer would never
 * end.
 *
 * @throws the error that `tooLate` creates, or the rejection of `working`
 */
export async function within<T>(limitMs: number, working: T | Promise<T>, tooLate: () => Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  runningClock.use()
  const endsAtMs = runningClock.now() + limitMs
  const late = new Promise<never>((_, reject) => {
    const check = (): void => {
      const remainingMs = endsAtMs - runningClock.now()
      if (remainingMs > 0) timer = setTimeout(check, Math.ceil(remainingMs))
      else reject(tooLate())
    }
    timer = setTimeout(check, limitMs)
  })
  try {
    return await Promise.race([working, late])
  } finally {
    clearTimeout(timer)
    runningClock.release()
  }
}
