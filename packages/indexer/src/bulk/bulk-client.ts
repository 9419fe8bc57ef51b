import { KtError } from '@kt/core'

/**
 * What the Indexer needs of a search client. The clients of `@elastic/elasticsearch` (8 and 9) and of
 * `@opensearch-project/opensearch` (2 and 3) fit as they are; neither is imported here.
 */
export interface BulkClient {
  /**
   * One `_bulk` request. `params` holds the body of the request, as one string, under `operations`, or under `body`
   * for an OpenSearch client, with `index` and `filter_path`; `options` holds `requestTimeout` and `maxRetries`,
   * and `signal` for an Elasticsearch client. Resolves with the answer, or with an object that has it as `body`.
   */
  bulk(params: never, options: never): PromiseLike<object>
  /** By which it is checked that the index is there before it is written to. */
  readonly indices?: {
    getAlias(params: { index: string }, options: object): PromiseLike<object>
  }
  /** By which documents under old routings are found: a query by ids, given as with `bulk`. */
  search?(params: never, options: never): PromiseLike<object>
}

/** One request, whichever client sends it. */
export interface BulkRequest {
  readonly index: string
  /** Actions and documents, a line of JSON each. */
  readonly body: string
  /** How many operations they make. */
  readonly operations: number
  /** Whether the name has to be an alias: the search engine shall not make an index of that name. */
  readonly requireAlias?: boolean
  /** Ask for no more than whether any operation failed. */
  readonly brief?: boolean
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

export interface BulkAnswer {
  /** Whether any operation failed, be it for a version conflict. */
  readonly errors: boolean
  /** What became of each operation, in their order; a brief answer may leave it out. */
  readonly items?: readonly unknown[]
}

/** What is asked of an answer: enough to judge every item, and `items[i]` stays the answer to operation `i`. */
const filterPath = 'errors,items.*.status,items.*.error.type,items.*.error.reason'
const briefFilterPath = 'errors'

type Bulk = (params: object, options: object) => PromiseLike<object> & { abort?: () => void }

/**
 * Sends one `_bulk` request without the client's own retries, which would repeat an old read.
 *
 * @throws whatever the client throws, and KtError `KT_BULK_FAILED` when the answer does not fit the request.
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
export function isOpenSearch(client: object): boolean {
  return 'transport' in client && !('ilm' in client)
}

/** What the answer says, in whatever form the client hands it over. */
function answerOf(result: object): { readonly errors?: unknown; readonly items?: unknown } {
  const isAnswer = 'items' in result || 'errors' in result
  const answer: unknown = 'body' in result && !isAnswer ? result.body : result
  return typeof answer === 'object' && answer !== null ? answer : {}
}

/** The OpenSearch client wraps its answers. */
export function bodyOf(answer: object): object {
  return 'body' in answer && typeof answer.body === 'object' && answer.body !== null ? answer.body : answer
}
