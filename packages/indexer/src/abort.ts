import { KtError } from '@kt/core'

/** @throws KtError `KT_ABORTED`, retryable, once the signal has fired: the batch is delivered again */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted)
    throw new KtError('KT_ABORTED', 'The batch was aborted and is delivered again', { retryable: true })
}
