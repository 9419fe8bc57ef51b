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

export interface SearchRequest {
  /** The parameters of the address. */
  readonly params: object
  readonly body?: object | undefined
  readonly signal?: AbortSignal | undefined
}

type Call = (params: object, options: object) => PromiseLike<object>

/** Longer than a search engine takes to give up, such as a change that the other nodes don't confirm. */
const requestTimeoutMs = 60_000

/**
 * Makes a request with a method of an Elasticsearch or OpenSearch client, and returns the body of its response. Elastic's
 * client takes the body among the parameters, that of OpenSearch takes it apart. The request has a time limit, because by
 * default Elastic's client has none, and would wait for ever for a search engine that is frozen.
 *
 * @param call a method of the client, bound to it
 * @throws the client's error
 */
export async function askSearch(
  client: object,
  call: (params: never, options: never) => PromiseLike<object>,
  { params, body, signal }: SearchRequest,
): Promise<object> {
  const isBodyApart = isOpenSearch(client)
  const pending = (call as unknown as Call)(
    isBodyApart && body !== undefined ? { ...params, body } : { ...params, ...body },
    {
      requestTimeout: requestTimeoutMs,
      ...(!isBodyApart && signal !== undefined && { signal }),
    },
  )
  return bodyOf(await pending)
}
