/**
 * What the Indexer needs of a search client. The clients of `@elastic/elasticsearch` (8 and 9) and of
 * `@opensearch-project/opensearch` (2 and 3) fit as they are; neither is imported here.
 */
export interface BulkClient {
  /**
   * One `_bulk` request. `params` holds the lines of the request as strings, under `operations`, or under `body`
   * for an OpenSearch client, with `index` and `filter_path`; `options` holds `requestTimeout` and `maxRetries`,
   * and `signal` for an Elasticsearch client. Resolves with the answer, or with an object that has it as `body`.
   */
  bulk(params: never, options: never): PromiseLike<object>
}

/** One request, whichever client sends it. */
export interface BulkRequest {
  readonly index: string
  /** Actions and documents, a JSON text each. */
  readonly lines: readonly string[]
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** What is asked of an answer: enough to judge every item, and `items[i]` stays the answer to operation `i`. */
const filterPath = 'errors,items.*.status,items.*.error.type'

type Bulk = (params: object, options: object) => PromiseLike<object> & { abort?: () => void }

/**
 * Sends one `_bulk` request without the client's own retries, which would repeat an old read.
 *
 * @returns the `items` of the answer, unchecked.
 * @throws whatever the client throws.
 */
export async function sendBulk(client: BulkClient, request: BulkRequest): Promise<readonly unknown[]> {
  const { index, lines, timeoutMs, signal } = request
  const bulk = client.bulk.bind(client) as unknown as Bulk
  const common = { index, filter_path: filterPath }
  const options = { requestTimeout: timeoutMs, maxRetries: 0 }
  const pending = isOpenSearch(client)
    ? bulk({ ...common, body: lines }, options)
    : bulk({ ...common, operations: lines }, { ...options, signal })
  const abort = (): void => pending.abort?.()
  signal.addEventListener('abort', abort, { once: true })
  try {
    return itemsOf(await pending)
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/**
 * The OpenSearch client has a transport, as Elastic's has, but knows nothing of index life cycles (`ilm`), a
 * feature that Elastic kept to itself. An object with `bulk` alone is spoken to as Elastic's client is.
 */
function isOpenSearch(client: object): boolean {
  return 'transport' in client && !('ilm' in client)
}

function itemsOf(result: object): readonly unknown[] {
  const answer = 'body' in result && !('items' in result) ? result.body : result
  const items = typeof answer === 'object' && answer !== null && 'items' in answer ? answer.items : undefined
  return Array.isArray(items) ? (items as unknown[]) : []
}
