/**
 * The OpenSearch client has a `transport`, like Elastic's, but no `ilm` (index life cycles), which only Elasticsearch
 * has. An object without them is used like Elastic's client.
 */
export function isOpenSearch(client: object): boolean {
  return 'transport' in client && !('ilm' in client)
}

/** Unwraps a response: the OpenSearch client returns it in `body`. */
export function bodyOf(answer: object): object {
  return 'body' in answer && typeof answer.body === 'object' && answer.body !== null ? answer.body : answer
}
