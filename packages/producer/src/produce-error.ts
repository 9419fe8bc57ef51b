import { KtError } from '@kt/core'

/** Errors of single records, by the brokers' names: the others in the request are fine. */
const recordFaults = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'POLICY_VIOLATION',
])
const topicFaults = new Set(['INVALID_TOPIC_EXCEPTION'])
/** Trying again at once is pointless, but an operator can mend it without a change by the caller. */
const accessFaults = new Set([
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
])

/**
 * What to do about a request that failed: try it `again`, `cut` it to find the record at fault, or `refuse` it with all
 * its calls, which may (`refuseForNow`) or won't work later.
 */
export type Verdict = 'again' | 'cut' | 'refuse' | 'refuseForNow'

export function judge(error: unknown): Verdict {
  const type = kafkaErrorType(error)
  if (type === undefined) return isAuthenticationError(error) ? 'refuseForNow' : 'again'
  if (recordFaults.has(type)) return 'cut'
  if (topicFaults.has(type)) return 'refuse'
  return accessFaults.has(type) ? 'refuseForNow' : 'again'
}

/** The broker's name for what went wrong, such as `MESSAGE_TOO_LARGE`; undefined when no broker answered. */
export function kafkaErrorType(error: unknown): string | undefined {
  for (const each of causes(error)) {
    const { type } = each as { type?: unknown }
    if (typeof type === 'string') return type
  }
  return undefined
}

/** Whether Kafka refuses the credentials. */
export function isAuthenticationError(error: unknown): boolean {
  return causes(error).some(({ name }) => name === 'KafkaJSSASLAuthenticationError')
}

/** Node's codes for a certificate, or a protocol, that one side does not accept. */
const tlsCodes = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/

export function isTlsError(error: unknown): boolean {
  return causes(error).some(({ code }) => typeof code === 'string' && tlsCodes.test(code))
}

/** The error and what it wraps: kafkajs packs the broker's error into up to two of its own. */
function causes(error: unknown): readonly (Error & { code?: unknown })[] {
  const chain: Error[] = []
  for (let each = error; each instanceof Error && chain.length < 5; each = each.cause) chain.push(each)
  return chain
}

export function timedOut(topic: string, timeoutMs: number, cause: unknown): KtError {
  return new KtError(
    'KT_PRODUCE_TIMEOUT',
    `Kafka did not acknowledge within ${timeoutMs} ms for "${topic}"`,
    {
      cause,
      retryable: true,
    },
  )
}

export function unreachable(topic: string, timeoutMs: number, cause: unknown): KtError {
  return new KtError('KT_PRODUCE_FAILED', `Kafka took no message for "${topic}" within ${timeoutMs} ms`, {
    cause,
    retryable: true,
  })
}

export function refused(topic: string, cause: unknown, retryable: boolean): KtError {
  const reason = isAuthenticationError(cause)
    ? 'the credentials are wrong, check the option sasl of Kafka'
    : kafkaErrorType(cause)
  return new KtError(
    'KT_PRODUCE_FAILED',
    `Kafka refused a message for "${topic}"${reason === undefined ? '' : `: ${reason}`}`,
    { cause, retryable },
  )
}

export function partitionUnknown(topic: string, partition: number): KtError {
  return new KtError('KT_PARTITION_UNKNOWN', `Topic "${topic}" has no partition ${partition}`, {
    retryable: false,
  })
}

export function closed(): KtError {
  return new KtError('KT_CLOSED', 'The producer is closed', { retryable: false })
}
