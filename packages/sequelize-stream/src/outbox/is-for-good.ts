import { KtError } from '@kt/core'

/** Whether a producer would say the same at any other time. */
export function isForGood(error: unknown): error is KtError {
  return KtError.isInstance(error) && !error.retryable
}

/** The error of what has taken longer than it may. */
export function notInTime(ms: number, what = 'Kafka did not acknowledge'): () => KtError {
  return () => new KtError('KT_PRODUCE_TIMEOUT', `${what} within ${ms} ms`, { retryable: true })
}
