import { askSearch } from '@kt/core/internal'

/**
 * The part of a search client that a Verifier uses. The clients of `@elastic/elasticsearch` (8 and 9) and of
 * `@opensearch-project/opensearch` (2 and 3) have it; neither is imported here.
 */
export interface SearchClient {
  search(params: never, options: never): PromiseLike<object>
  mget(params: never, options: never): PromiseLike<object>
  searchShards(params: never, options: never): PromiseLike<object>
  readonly indices: {
    refresh(params: never, options: never): PromiseLike<object>
    get(params: never, options: never): PromiseLike<object>
  }
}

/** A document of the index. */
export interface Hit {
  readonly _id: string
  readonly _routing?: string
  /** Missing if the hash of the content is read instead. */
  readonly _source?: object
  readonly _version: number
  readonly fields?: Readonly<Record<string, readonly unknown[]>>
}

export interface Shard {
  readonly index: string
  readonly shard: number
}

interface SortedHit extends Hit {
  readonly sort: readonly [sequence: number]
}

/** The requests that a verification makes, for any client. */
export class SearchRequests {
  readonly #client: SearchClient
  readonly #index: string
  /** What is read of each document. */
  readonly #content: object
  readonly #signal: AbortSignal

  /** @param contentHash the field to read instead of whole documents */
  constructor(client: SearchClient, index: string, contentHash: string | undefined, signal: AbortSignal) {
    this.#client = client
    this.#index = index
    this.#content =
      contentHash === undefined ? {} : { _source: false, docvalue_fields: [{ field: contentHash }] }
    this.#signal = signal
  }

  /** Makes all documents visible to searches. */
  async refresh(): Promise<void> {
    const { indices } = this.#client
    await this.#ask(indices.refresh.bind(indices), { index: this.#index })
  }

  /** Returns the shards of the index, or of all indexes behind an alias. */
  async shards(): Promise<readonly Shard[]> {
    const searchShards = this.#client.searchShards.bind(this.#client)
    const answer = (await this.#ask(searchShards, { index: this.#index })) as {
      readonly shards: readonly (readonly Shard[])[]
    }
    return answer.shards
      .flatMap(([first]) => (first === undefined ? [] : [first]))
      .toSorted((one, other) => one.index.localeCompare(other.index) || one.shard - other.shard)
  }

  /** Returns the UUIDs of the index, or of all indexes behind an alias. */
  async uuids(): Promise<readonly string[]> {
    const { indices } = this.#client
    const params = { index: this.#index, filter_path: '*.settings.index.uuid' }
    const answer = await this.#ask(indices.get.bind(indices), params)
    const found = Object.values(answer) as {
      readonly settings: { readonly index: { readonly uuid: string } }
    }[]
    return found.map(({ settings }) => settings.index.uuid).toSorted()
  }

  /**
   * Returns documents of a shard in the order in which they were written. A document that is written again moves to the
   * end, so whoever continues after the last sequence number misses none.
   *
   * @param after the sequence number to continue after
   */
  async page(shard: Shard, after: number, size: number): Promise<readonly SortedHit[]> {
    const sort = [{ _seq_no: 'asc' }]
    return this.#ofShard(shard, { ...this.#content, size, sort, search_after: [after], version: true })
  }

  /** Returns the highest sequence number of the documents of a shard, as of the last refresh; -1 if there are none. */
  async lastSequence(shard: Shard): Promise<number> {
    const [last] = await this.#ofShard(shard, { size: 1, sort: [{ _seq_no: 'desc' }], _source: false })
    return last?.sort[0] ?? -1
  }

  async #ofShard({ index, shard }: Shard, body: object): Promise<readonly SortedHit[]> {
    const params = { index, preference: `_shards:${shard}` }
    const answer = await this.#search(params, { ...body, track_total_hits: false })
    return hitsOf(answer) as readonly SortedHit[]
  }

  /** Finds the documents with these ids under any routing, as of the last refresh. */
  async find(ids: readonly string[], size: number): Promise<readonly Hit[]> {
    const body = { ...this.#content, query: { ids: { values: ids } }, size, version: true }
    return hitsOf(await this.#search({ index: this.#index }, body))
  }

  /** Returns which of these documents exist. Sees every write, also before a refresh. */
  async existing(
    documents: readonly { readonly _id: string; readonly routing?: string }[],
  ): Promise<ReadonlySet<string>> {
    const params = { index: this.#index, _source: false }
    const answer = await this.#ask(this.#client.mget.bind(this.#client), params, { docs: documents })
    const { docs } = answer as {
      readonly docs: readonly { readonly _id: string; readonly found?: boolean }[]
    }
    return new Set(docs.flatMap(({ _id, found }) => (found === true ? [_id] : [])))
  }

  async count(): Promise<number> {
    const answer = await this.#search({ index: this.#index }, { size: 0, track_total_hits: true })
    const { hits } = answer as { readonly hits: { readonly total: number | { readonly value: number } } }
    return typeof hits.total === 'number' ? hits.total : hits.total.value
  }

  #search(params: object, body: object): Promise<object> {
    // Otherwise a response of some shards would look complete.
    const complete = { ...params, allow_partial_search_results: false }
    return this.#ask(this.#client.search.bind(this.#client), complete, body)
  }

  #ask(
    call: (params: never, options: never) => PromiseLike<object>,
    params: object,
    body?: object,
  ): Promise<object> {
    return askSearch(this.#client, call, { params, body, signal: this.#signal })
  }
}

function hitsOf(answer: object): readonly Hit[] {
  return (answer as { readonly hits: { readonly hits: readonly Hit[] } }).hits.hits
}
