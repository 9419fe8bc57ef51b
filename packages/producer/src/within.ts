import { runningClock } from './running-clock.ts'

/**
 * `promise`, unless it takes longer than `limitMs` in which the process could run: then a rejection named `TimeoutError`
 * that says what was awaited.
 */
export async function within<T>(limitMs: number, promise: Promise<T>, describe: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  runningClock.use()
  const endsAtMs = runningClock.now() + limitMs
  const late = new Promise<never>((_resolve, reject) => {
    const check = (): void => {
      const remainingMs = endsAtMs - runningClock.now()
      if (remainingMs > 0) {
        timer = setTimeout(check, Math.ceil(remainingMs))
        return
      }
      const error = new Error(`${describe()} within ${limitMs} ms`)
      error.name = 'TimeoutError'
      reject(error)
    }
    timer = setTimeout(check, limitMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
    runningClock.release()
  }
}
