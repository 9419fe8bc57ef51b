import { KtError } from '../errors/kt-error.ts'
import { isAccessRefused } from './access.ts'
import { causesOf, isError } from './causes-of.ts'

/** Kafka's answers to a request that will never be right. */
const finalTypes: ReadonlySet<unknown> = new Set([
  'INVALID_REPLICATION_FACTOR',
  'INVALID_PARTITIONS',
  'INVALID_CONFIG',
  'INVALID_TOPIC_EXCEPTION',
  'POLICY_VIOLATION',
])

/**
 * Whether the error of a service may be gone at the next try, such as during an outage. Not one of the code, of rights, or
 * of a request that is wrong.
 */
export function mayPass(error: unknown): boolean {
  if (isRefusedByDatabase(error)) return false
  if (KtError.isInstance(error)) return error.retryable
  if (error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError)
    return false
  if (isAccessRefused(error) || isFinal(error)) return false
  const status = (error as { readonly statusCode?: unknown } | null)?.statusCode
  return typeof status !== 'number' || status < 400 || status >= 500 || status === 408 || status === 429
}

/** Codes of MySQL and MariaDB. */
const databaseRefusals: ReadonlySet<unknown> = new Set([
  'ER_NO_SUCH_TABLE',
  'ER_BAD_FIELD_ERROR',
  'ER_PARSE_ERROR',
  'ER_ACCESS_DENIED_ERROR',
  'ER_DBACCESS_DENIED_ERROR',
  'ER_BAD_DB_ERROR',
])

/**
 * Whether a table or a column is missing, or a right. Of PostgreSQL's codes, class 42 says so; 3D000 that the database
 * doesn't exist, and class 28 that the credentials are wrong.
 */
function isRefusedByDatabase(error: unknown): boolean {
  return causesOf(error).some((each) => {
    const { original } = each as { readonly original?: { readonly code?: unknown } }
    const codes = [each.code, original?.code]
    return codes.some(
      (code) =>
        databaseRefusals.has(code) || (typeof code === 'string' && /^(42...|28...|3D000)$/u.test(code)),
    )
  })
}

/** kafkajs collects the errors of several topics. */
function isFinal(error: unknown): boolean {
  if (!isError(error)) return false
  const { type, errors, cause } = error as Error & { readonly type?: unknown; readonly errors?: unknown }
  return finalTypes.has(type) || (Array.isArray(errors) && errors.some(isFinal)) || isFinal(cause)
}
