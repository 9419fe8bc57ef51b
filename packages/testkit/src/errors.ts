const otherWay =
  'Or point KT_KAFKA_BROKERS, KT_ELASTICSEARCH_URL, KT_OPENSEARCH_URL and KT_DATABASE_URL to services that run ' +
  'already, such as those of compose.yaml.'

/** Something that the tests, an example or a benchmark needs is missing. The message says what to do. */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError'
}

/** A service can't be installed or started. The message says what is missing, and names the alternative. */
export function servicesUnavailable(what: string, cause?: unknown): UnavailableError {
  return new UnavailableError(`${what}\n${otherWay}`, { cause })
}
