import { KtError } from '@kt/core'

/** Whether a producer would say the same at any other time. */
export function isForGood(error: unknown): error is KtError {
  return KtError.isInstance(error) && !error.retryable
}
