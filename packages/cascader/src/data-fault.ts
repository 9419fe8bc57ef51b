import { causesOf, KtError } from '@kt/core'

/** The codes of errors with which a look-up may say that the data are at fault. */
const codes: readonly string[] = ['KT_LOAD_FAILED', 'KT_PAYLOAD_INVALID']

/** SQL's class for data that a statement can't be executed with: no number, out of range, not of the encoding. */
const dataException = /^22[0-9A-Z]{3}$/

/**
 * Whether a look-up failed because of the data that it was given, so that it always will. Everything else, such as a
 * database that is away, may pass.
 */
export function isDataFault(error: unknown): boolean {
  if (saysSoItself(error)) return true
  // Sequelize keeps the driver's error in `original`.
  return causesOf(error).some((each) =>
    [each, (each as { readonly original?: unknown }).original].some(hasDataException),
  )
}

/** Whether the look-up itself says that it will never succeed with these data. */
export function saysSoItself(error: unknown): boolean {
  return KtError.isInstance(error) && !error.retryable && codes.includes(error.code)
}

function hasDataException(error: unknown): boolean {
  const { code, sqlState } = (error ?? {}) as { readonly code?: unknown; readonly sqlState?: unknown }
  return [code, sqlState].some((each) => typeof each === 'string' && dataException.test(each))
}
