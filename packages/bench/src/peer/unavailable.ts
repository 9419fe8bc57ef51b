import { KtError } from '@kt/core'

/** A requirement of the benchmark, besides the testkit's services, is missing. The message says what to do. */
export function unavailable(message: string, cause?: unknown): KtError<'KT_SERVICES_UNAVAILABLE'> {
  return new KtError('KT_SERVICES_UNAVAILABLE', message, { cause, retryable: false })
}
