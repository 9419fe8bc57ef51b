import { KtError } from '@kt/core'

/** Whether a producer would return the same error at any other time. */
export function isForGood(error: unknown): error is KtError {
  return KtError.isInstance(error) && !error.retryable
}

/** Creates the error for an operation that has timed out. */
export function notInTime(ms: number, what = 'Kafka did not acknowledge'): () => KtError {
  return () => new KtError('KT_PRODUCE_TIMEOUT', `${what} within ${ms} ms`, { retryable: true })
}
