import { errorFields } from '@kt/core'
import { bodyOf, isOpenSearch } from '@kt/core/internal'
import type { Logger } from '@kt/core'
import type { BulkClient } from '../bulk/bulk-client.ts'
import { classifyFailure } from '../bulk/classify.ts'

export interface CopyFinderOptions {
  readonly client: BulkClient
  readonly index: string
  readonly requestTimeoutMs: number
  readonly logger: Logger
}

/** The routings of the documents in the index, by id. A document without a routing has `undefined`. */
export type Copies = ReadonlyMap<string, readonly (string | undefined)[]>

/** The most ids of one search. */
const maxIds = 2_000

/** The most documents found per id, on average. Others are found when the record is indexed the next time. */
const maxCopies = 4

const none: Copies = new Map()

/**
 * Finds documents by id under any routing. A search does not see writes since the last refresh, so the search for a
 * record with a routing is repeated when its delay message comes due.
 */
export class CopyFinder {
  readonly #options: CopyFinderOptions
  #isFailing = false

  constructor(options: CopyFinderOptions) {
    this.#options = options
  }

  /** Never rejects: messages name most of the former routings, and the search is repeated for the delay messages. */
  async find(ids: readonly string[]): Promise<Copies> {
    const { client } = this.#options
    if (client.search === undefined) return none
    const copies = new Map<string, (string | undefined)[]>()
    try {
      for (let from = 0; from < ids.length; from += maxIds)
        for (const { _id: id, _routing: routing } of await this.#search(ids.slice(from, from + maxIds)))
          copies.set(id, [...(copies.get(id) ?? []), routing])
      this.#isFailing = false
      return copies
    } catch (error) {
      // Without an index the write fails as well, and reports it.
      if (classifyFailure(error).status !== 404) this.#warn(error)
      return none
    }
  }

  /** Warns once until a search succeeds: there may be many failures each second. */
  #warn(error: unknown): void {
    const { index, logger } = this.#options
    logger[this.#isFailing ? 'debug' : 'warn']('Could not search for documents under former routings', {
      index,
      ...errorFields(error),
      advice: 'the user of the client needs the privilege read',
    })
    this.#isFailing = true
  }

  async #search(ids: readonly string[]): Promise<readonly Hit[]> {
    const { client, index, requestTimeoutMs } = this.#options
    const search = client.search?.bind(client) as unknown as Search
    const body = { query: { ids: { values: ids } }, _source: false, size: ids.length * maxCopies }
    const answer = await search(
      {
        index,
        // Otherwise a response of some shards would look complete.
        allow_partial_search_results: false,
        filter_path: 'hits.hits._id,hits.hits._routing',
        ...(isOpenSearch(client) ? { body } : body),
      },
      { requestTimeout: requestTimeoutMs, maxRetries: 0 },
    )
    // Without hits, `filter_path` leaves an empty object.
    return (bodyOf(answer) as { readonly hits?: { readonly hits?: readonly Hit[] } }).hits?.hits ?? []
  }
}

interface Hit {
  readonly _id: string
  readonly _routing?: string
}

type Search = (params: object, options: object) => PromiseLike<object>
