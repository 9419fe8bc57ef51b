import { errors } from '@elastic/elasticsearch'

const { ConnectionError, NoLivingConnectionsError, ResponseError, TimeoutError } = errors

/** Whether a request failed because Elasticsearch can't be reached or is overloaded. */
export function isSearchAway(error: unknown): boolean {
  if (error instanceof ResponseError) return error.statusCode === 429 || (error.statusCode ?? 0) >= 500
  return (
    error instanceof ConnectionError ||
    error instanceof NoLivingConnectionsError ||
    error instanceof TimeoutError
  )
}
