import { causesOf } from './causes-of.ts'

/** Kafka's errors that persist until credentials or permissions are fixed. */
const refusals = new Set([
  'SASL_AUTHENTICATION_FAILED',
  'UNSUPPORTED_SASL_MECHANISM',
  'GROUP_AUTHORIZATION_FAILED',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
])

export const accessAdvice = 'check the options sasl and ssl of Kafka, and the rights of the user'

/** Whether Kafka refuses the credentials or the permission. */
export function isAccessRefused(error: unknown): boolean {
  return causesOf(error).some(
    ({ name, type }) =>
      name === 'KafkaJSSASLAuthenticationError' || (typeof type === 'string' && refusals.has(type)),
  )
}
