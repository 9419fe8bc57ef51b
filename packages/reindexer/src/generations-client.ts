import { askSearch } from '@kt/core/internal'

type Request = (params: never, options: never) => PromiseLike<object>

/**
 * The part of a search client that manages indexes. The clients of `@elastic/elasticsearch` (8 and 9) and of
 * `@opensearch-project/opensearch` (2 and 3) have it; neither is imported here.
 */
export interface GenerationsClient {
  readonly indices: {
    get: Request
    create: Request
    putMapping: Request
    updateAliases: Request
  }
}

/** What is asked about an index. */
export interface FoundIndex {
  readonly aliases?: Readonly<Record<string, object>>
  readonly mappings?: { readonly _meta?: { readonly kt?: unknown } }
  readonly settings?: { readonly index?: { readonly uuid?: string } }
}

/** One change of the aliases. All changes of a request happen at once. */
export type AliasAction =
  | { readonly add: { readonly index: string; readonly alias: string; readonly is_write_index: false } }
  | { readonly remove: { readonly index: string; readonly alias: string } }
  | { readonly remove_index: { readonly index: string } }

/** The requests about indexes, for any client. */
export class IndexRequests {
  readonly #client: GenerationsClient

  constructor(client: GenerationsClient) {
    this.#client = client
  }

  /** Returns the index or alias of this name and all indexes whose names begin with it, also closed ones. */
  async find(name: string): Promise<ReadonlyMap<string, FoundIndex>> {
    const answer = await this.#ask(this.#client.indices.get, {
      index: `${name},${name}-*`,
      expand_wildcards: 'all',
      ignore_unavailable: true,
      allow_no_indices: true,
      filter_path: '*.aliases,*.mappings._meta.kt,*.settings.index.uuid',
    })
    return new Map(Object.entries(answer as Record<string, FoundIndex>))
  }

  async create(index: string, body: object): Promise<void> {
    await this.#ask(this.#client.indices.create, { index }, body)
  }

  /** Returns an index. Its `_meta` is complete, with that of the user. */
  async get(index: string): Promise<FoundIndex> {
    const params = { index, filter_path: '*.mappings._meta,*.settings.index.uuid' }
    const answer = await this.#ask(this.#client.indices.get, params)
    return (answer as Record<string, FoundIndex>)[index] ?? {}
  }

  async setMeta(index: string, meta: object): Promise<void> {
    await this.#ask(this.#client.indices.putMapping, { index }, { _meta: meta })
  }

  async changeAliases(actions: readonly AliasAction[]): Promise<void> {
    await this.#ask(this.#client.indices.updateAliases, {}, { actions })
  }

  #ask(call: Request, params: object, body?: object): Promise<object> {
    return askSearch(this.#client, call.bind(this.#client.indices), { params, body })
  }
}

/** Whether the search engine has no such index or alias. */
export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404
}

/** Whether an index of this name exists. */
export function alreadyExists(error: unknown): boolean {
  return error instanceof Error && error.message.includes('resource_already_exists_exception')
}

function statusOf(error: unknown): unknown {
  const { statusCode, meta } = error as {
    readonly statusCode?: unknown
    readonly meta?: { readonly statusCode?: unknown }
  }
  return statusCode ?? meta?.statusCode
}
