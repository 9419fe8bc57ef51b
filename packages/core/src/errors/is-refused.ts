import { KtError } from './kt-error.ts'

/** They tell of who tried, not of what was tried. */
const innocent = new Set(['KT_CLOSED', 'KT_ABORTED'])

/**
 * Whether an error says that this very message will never be taken, so that it may be given up. That the producer was
 * closed, at the end of a process for instance, says nothing about the message.
 */
export function isRefused(error: unknown): error is KtError {
  return KtError.isInstance(error) && !error.retryable && !innocent.has(error.code)
}
