import { KtError } from '@kt/core'

const otherWay =
  'Or point KT_KAFKA_BROKERS, KT_ELASTICSEARCH_URL, KT_OPENSEARCH_URL and KT_DATABASE_URL to services that run ' +
  'already, such as those of compose.yaml.'

/** A service can't be installed or started. The message says what is missing, and names the alternative. */
export function servicesUnavailable(what: string, cause?: unknown): KtError<'KT_SERVICES_UNAVAILABLE'> {
  return new KtError('KT_SERVICES_UNAVAILABLE', `${what}\n${otherWay}`, { cause, retryable: false })
}
