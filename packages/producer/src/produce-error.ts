import { KtError } from '@kt/core'
import { causesOf, isAccessRefused } from '@kt/core/internal'

/** Broker errors of single records. The other records of the request are fine. */
const recordErrors = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'POLICY_VIOLATION',
])
const topicErrors = new Set(['INVALID_TOPIC_EXCEPTION'])

/**
 * The reaction to a failed request: `retry` it, `split` it to isolate the failing record, or refuse all its calls,
 * either for good (`refuse`) or retryably (`refuseForNow`).
 */
export type Remedy = 'retry' | 'split' | 'refuse' | 'refuseForNow'

export function classify(error: unknown): Remedy {
  // An immediate retry is pointless, but an operator can grant access without a change by the caller.
  if (isAccessRefused(error)) return 'refuseForNow'
  const type = kafkaErrorType(error) ?? ''
  if (recordErrors.has(type)) return 'split'
  return topicErrors.has(type) ? 'refuse' : 'retry'
}

/** The broker's error name, such as `MESSAGE_TOO_LARGE`; undefined when no broker answered. */
export function kafkaErrorType(error: unknown): string | undefined {
  for (const each of causesOf(error)) {
    const { type } = each as { type?: unknown }
    if (typeof type === 'string') return type
  }
  return undefined
}

/** Whether Kafka refuses the credentials. */
export function isAuthenticationError(error: unknown): boolean {
  return causesOf(error).some(({ name }) => name === 'KafkaJSSASLAuthenticationError')
}

/** Node's error codes for a certificate or protocol that one side doesn't accept. */
const tlsCodes = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/

export function isTlsError(error: unknown): boolean {
  return causesOf(error).some(({ code }) => typeof code === 'string' && tlsCodes.test(code))
}

/** Creates the error of an operation that has timed out. */
export function timeoutError(what: string, limitMs: number): Error {
  const error = new Error(`${what} within ${limitMs} ms`)
  error.name = 'TimeoutError'
  return error
}

/** Whether `timeoutError` created the error. */
export function isTimeout(error: unknown): boolean {
  return causesOf(error)[0]?.name === 'TimeoutError'
}

export function timedOut(topic: string, timeoutMs: number, cause: unknown): KtError {
  const message = `Kafka did not acknowledge within ${timeoutMs} ms for "${topic}"`
  return new KtError('KT_PRODUCE_TIMEOUT', message, { cause, retryable: true })
}

export function unreachable(topic: string, timeoutMs: number, cause: unknown): KtError {
  const message = `Kafka accepted no message for "${topic}" within ${timeoutMs} ms`
  return new KtError('KT_PRODUCE_FAILED', message, { cause, retryable: true })
}

export function refused(topic: string, cause: unknown, retryable: boolean): KtError {
  const reason = isAuthenticationError(cause)
    ? 'the credentials are wrong; check the option sasl of Kafka'
    : kafkaErrorType(cause)
  const message = `Kafka refused a message for "${topic}"${reason === undefined ? '' : `: ${reason}`}`
  return new KtError('KT_PRODUCE_FAILED', message, { cause, retryable })
}

export function partitionUnknown(topic: string, partition: number | undefined): KtError {
  return new KtError('KT_PARTITION_UNKNOWN', `Topic "${topic}" has no partition ${partition}`, {
    retryable: false,
  })
}

/** Creates the error for a failed look-up of a topic or its partitions. */
export function lookUpFailed(topic: string, cause: unknown): KtError {
  const code = isTimeout(cause) ? 'KT_PRODUCE_TIMEOUT' : 'KT_PRODUCE_FAILED'
  const message = `The partitions of "${topic}" could not be looked up in Kafka`
  return new KtError(code, message, { cause, retryable: classify(cause) !== 'refuse' })
}

export function closed(): KtError {
  return new KtError('KT_CLOSED', 'The producer is closed', { retryable: false })
}
