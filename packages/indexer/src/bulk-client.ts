import { KtError } from '@kt/core'

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
  /** How many operations the lines make. */
  readonly operations: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** What is asked of an answer: enough to judge every item, and `items[i]` stays the answer to operation `i`. */
const filterPath = 'errors,items.*.status,items.*.error.type'

type Bulk = (params: object, options: object) => PromiseLike<object> & { abort?: () => void }

/**
 * Sends one `_bulk` request without the client's own retries, which would repeat an old read.
 *
 * @returns the `items` of the answer, one for each operation.
 * @throws whatever the client throws, and KtError `KT_BULK_FAILED` when the answer does not fit the request.
 */
export async function sendBulk(client: BulkClient, request: BulkRequest): Promise<readonly unknown[]> {
  const { index, lines, operations, timeoutMs, signal } = request
  const bulk = client.bulk.bind(client) as unknown as Bulk
  const common = { index, filter_path: filterPath }
  const options = { requestTimeout: timeoutMs, maxRetries: 0 }
  const pending = isOpenSearch(client)
    ? bulk({ ...common, body: lines }, options)
    : bulk({ ...common, operations: lines }, { ...options, signal })
  const abort = (): void => pending.abort?.()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const items = itemsOf(await pending)
    if (items?.length === operations) return items
    throw new KtError('KT_BULK_FAILED', 'The search engine did not answer every operation', {
      retryable: true,
    })
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

function itemsOf(result: object): readonly unknown[] | undefined {
  const answer = 'body' in result && !('items' in result) ? result.body : result
  const items = typeof answer === 'object' && answer !== null && 'items' in answer ? answer.items : undefined
  return Array.isArray(items) ? (items as unknown[]) : undefined
}
