import { KtError } from '../errors/kt-error.ts'

/** Codes that concern the producer, not the message. */
const aboutProducer = new Set(['KT_CLOSED', 'KT_ABORTED'])

/**
 * Whether an error means that this message will never be accepted, and may be given up. A producer that was closed, as
 * at the end of a process, says nothing about the message.
 */
export function isRefused(error: unknown): error is KtError {
  return KtError.isInstance(error) && !error.retryable && !aboutProducer.has(error.code)
}
