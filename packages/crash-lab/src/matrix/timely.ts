import { sleep } from '@kt/core/internal'
import { Failure } from './cell.ts'

/** Resolves or rejects with `promise`, and rejects with a `Failure` if it takes too long. */
export async function timely<T>(promise: Promise<T>, ms: number, what: string): Promise<T> {
  const settled = new AbortController()
  const late = sleep(ms, settled.signal).then(() => {
    if (!settled.signal.aborted) throw new Failure(`${what} within ${ms} ms`)
    return promise
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    settled.abort()
    late.catch(() => undefined)
  }
}
