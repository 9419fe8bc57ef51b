import { KtError } from '@kt/core'

/** What the benchmark needs besides the testkit's services is not there; the message says what to do. */
export function unavailable(message: string, cause?: unknown): KtError<'KT_SERVICES_UNAVAILABLE'> {
  return new KtError('KT_SERVICES_UNAVAILABLE', message, { cause, retryable: false })
}
