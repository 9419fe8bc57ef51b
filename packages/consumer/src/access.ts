/** Kafka's names for refusals that last until somebody mends credentials or rights. */
const refusals = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'GROUP_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
])

export const accessAdvice = 'check the options sasl and ssl of Kafka, and the rights of the user'

/** Whether Kafka refuses the credentials, or what their owner wants to do. */
export function isAccessRefused(error: unknown): boolean {
  // kafkajs packs the broker's error into up to two of its own.
  for (let each = error, depth = 0; each instanceof Error && depth < 5; each = each.cause, depth += 1) {
    const { type } = each as { type?: unknown }
    if (each.name === 'KafkaJSSASLAuthenticationError' || (typeof type === 'string' && refusals.has(type)))
      return true
  }
  return false
}
