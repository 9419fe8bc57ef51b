import { errorFields } from '@kt/core'
import type { Logger } from '@kt/core'
import { bodyOf, isOpenSearch } from '../bulk/bulk-client.ts'
import type { BulkClient } from '../bulk/bulk-client.ts'
import { judgeFailure } from '../bulk/verdict.ts'

export interface CopyFinderOptions {
  readonly client: BulkClient
  readonly index: string
  readonly requestTimeoutMs: number
  readonly logger: Logger
}

/** The routings under which the index holds documents, by their ids; undefined is none. */
export type Copies = ReadonlyMap<string, readonly (string | undefined)[]>

/** So many ids are looked for in one request. */
const mostIds = 2_000

/** So many documents are found of an id, on average. More are found when the record is indexed the next time. */
const mostCopies = 4

const none: Copies = new Map()

/**
 * Finds documents by their ids, whatever their routing. A search does not see what was written since the last refresh:
 * so a record with a routing is looked for again when its delay message comes due.
 */
export class CopyFinder {
  readonly #options: CopyFinderOptions
  #isFailing = false

  constructor(options: CopyFinderOptions) {
    this.#options = options
  }

  /** Never rejects: the messages name most of the old routings, and the delay messages come later. */
  async find(ids: readonly string[]): Promise<Copies> {
    const { client } = this.#options
    if (client.search === undefined) return none
    const copies = new Map<string, (string | undefined)[]>()
    try {
      for (let from = 0; from < ids.length; from += mostIds)
        for (const { _id: id, _routing: routing } of await this.#search(ids.slice(from, from + mostIds)))
          copies.set(id, [...(copies.get(id) ?? []), routing])
      this.#isFailing = false
      return copies
    } catch (error) {
      // The write fares no better without an index, and says so.
      if (judgeFailure(error).status !== 404) this.#warn(error)
      return none
    }
  }

  /** Once, until a search succeeds again: there may be many each second. */
  #warn(error: unknown): void {
    const { index, logger } = this.#options
    logger[this.#isFailing ? 'debug' : 'warn'](
      'It can not be looked up whether there are documents under an old routing',
      { index, ...errorFields(error), advice: 'the user of the client needs the privilege read' },
    )
    this.#isFailing = true
  }

  async #search(ids: readonly string[]): Promise<readonly Hit[]> {
    const { client, index, requestTimeoutMs } = this.#options
    const search = client.search?.bind(client) as unknown as Search
    const body = { query: { ids: { values: ids } }, _source: false, size: ids.length * mostCopies }
    const answer = await search(
      {
        index,
        // The answer of some shards would look like that of all.
        allow_partial_search_results: false,
        filter_path: 'hits.hits._id,hits.hits._routing',
        ...(isOpenSearch(client) ? { body } : body),
      },
      { requestTimeout: requestTimeoutMs, maxRetries: 0 },
    )
    // Without hits the filter leaves nothing.
    return (bodyOf(answer) as { readonly hits?: { readonly hits?: readonly Hit[] } }).hits?.hits ?? []
  }
}

interface Hit {
  readonly _id: string
  readonly _routing?: string
}

type Search = (params: object, options: object) => PromiseLike<object>
