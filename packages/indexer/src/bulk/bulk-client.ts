import { KtError } from '@kt/core'
import { isOpenSearch } from '@kt/core/internal'

/**
 * The part of a search client that the Indexer uses. The clients of `@elastic/elasticsearch` (8 and 9) and of
 * `@opensearch-project/opensearch` (2 and 3) have it; neither is imported here.
 */
export interface BulkClient {
  /**
   * One `_bulk` request. `params` holds the body of the request, as one string, under `operations`, or under `body`
   * for an OpenSearch client, with `index` and `filter_path`; `options` holds `requestTimeout` and `maxRetries`,
   * and `signal` for an Elasticsearch client. Resolves with the response, or with an object that has it as `body`.
   */
  bulk(params: never, options: never): PromiseLike<object>
  /** Checks that the index exists before it is written to. */
  readonly indices?: {
    getAlias(params: { index: string }, options: object): PromiseLike<object>
  }
  /** Finds routing copies with a query by ids. The parameters are passed as those of `bulk`. */
  search?(params: never, options: never): PromiseLike<object>
}

/** One request, for any client. */
export interface BulkRequest {
  readonly index: string
  /** Actions and documents, one line of JSON each. */
  readonly body: string
  /** The number of operations. */
  readonly operations: number
  /** Whether the name must be an alias, so that the search engine does not create an index of that name. */
  readonly requireAlias?: boolean
  /** Whether to ask only if any operation failed. */
  readonly brief?: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface BulkAnswer {
  /** Whether any operation failed. Version conflicts count. */
  readonly errors: boolean
  /** The result of each operation, in order. A brief response may omit it. */
  readonly items?: readonly unknown[]
}

/** The fields of a response that are needed to classify every item. `items[i]` remains the item of operation `i`. */
const filterPath = 'errors,items.*.status,items.*.error.type,items.*.error.reason'
const briefFilterPath = 'errors'

type Bulk = (params: object, options: object) => PromiseLike<object> & { abort?: () => void }

/**
 * Sends one `_bulk` request without the client's own retries, which would repeat an old read.
 *
 * @throws the client's errors, and KtError `KT_BULK_FAILED` when the response does not match the request
 */
export async function sendBulk(client: BulkClient, request: BulkRequest): Promise<BulkAnswer> {
  const { index, body, operations, requireAlias = false, brief = false, timeoutMs, signal } = request
  const bulk = client.bulk.bind(client) as unknown as Bulk
  const common = {
    index,
    filter_path: brief ? briefFilterPath : filterPath,
    ...(requireAlias && { require_alias: true }),
  }
  const options = { requestTimeout: timeoutMs, maxRetries: 0 }
  const pending = isOpenSearch(client)
    ? bulk({ ...common, body }, options)
    : bulk({ ...common, operations: body }, { ...options, signal })
  const abort = (): void => pending.abort?.()
  signal.addEventListener('abort', abort, { once: true })
  try {
    const { errors, items } = answerOf(await pending)
    if (Array.isArray(items) && items.length === operations) return { errors: errors !== false, items }
    if (brief && typeof errors === 'boolean') return { errors }
    throw new KtError('KT_BULK_FAILED', 'The bulk response does not have one item for each operation', {
      retryable: true,
    })
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** The response, which some clients wrap in `body`. */
function answerOf(result: object): { readonly errors?: unknown; readonly items?: unknown } {
  const isAnswer = 'items' in result || 'errors' in result
  const answer: unknown = 'body' in result && !isAnswer ? result.body : result
  return typeof answer === 'object' && answer !== null ? answer : {}
}
