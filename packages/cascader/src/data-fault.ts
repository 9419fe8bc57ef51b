import { KtError } from '@kt/core'
import { causesOf } from '@kt/core/internal'

/** The codes of errors with which a lookup may report that its data are at fault. */
const codes: readonly string[] = ['KT_LOAD_FAILED', 'KT_PAYLOAD_INVALID']

/** SQL's class of data exceptions: not a number, out of range, invalid encoding. */
const dataException = /^22[0-9A-Z]{3}$/

/**
 * Whether a lookup failed because of its data, so that it will always fail. Other errors, such as an unavailable
 * database, may be temporary.
 */
export function isDataFault(error: unknown): boolean {
  if (isReportedFault(error)) return true
  // Sequelize keeps the driver's error in `original`.
  return causesOf(error).some((each) =>
    [each, (each as { readonly original?: unknown }).original].some(hasDataException),
  )
}

/** Whether the lookup itself reports that it can never succeed with these data. */
export function isReportedFault(error: unknown): boolean {
  return KtError.isInstance(error) && !error.retryable && codes.includes(error.code)
}

function hasDataException(error: unknown): boolean {
  const { code, sqlState } = (error ?? {}) as { readonly code?: unknown; readonly sqlState?: unknown }
  return [code, sqlState].some((each) => typeof each === 'string' && dataException.test(each))
}
