import { runningClock } from './running-clock.ts'

/**
 * What `working` gives, unless that takes longer than `limitMs` in which the process could run: then it goes on unheeded.
 * A connection may be lost though nobody was told, and its answer would be waited for without end.
 *
 * @throws what `tooLate` makes, and what `working` rejects with
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
