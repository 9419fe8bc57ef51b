import { KtError } from '../errors/kt-error.ts'
import { within } from './within.ts'

/** Long enough for a page of a rare condition in a huge table. */
const limitMs = 600_000

/**
 * Resolves with what the database answers. A connection to it may be lost without notice.
 *
 * @throws KtError `KT_LOAD_FAILED` when there is no answer; the rejection of `asking`
 */
export function databaseAnswer<T>(asking: T | Promise<T>): Promise<T> {
  const message = `The database did not answer within ${limitMs / 1_000} s`
  return within(limitMs, asking, () => new KtError('KT_LOAD_FAILED', message, { retryable: true }))
}
