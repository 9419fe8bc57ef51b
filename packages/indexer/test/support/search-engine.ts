import type { BulkClient } from '@kt/indexer'

/** A search engine with everything that a test run needs. */
export interface SearchEngine {
  readonly url: string
  /** A client of the kind that its users install. */
  connect(url: string): { readonly client: BulkClient; close(): Promise<void> }
  stop(): Promise<void>
}

export interface StoredDocument {
  readonly source: unknown
  readonly version: number
}

/** Calls a search engine over HTTP, without either client. */
export class SearchIndex {
  readonly name: string
  readonly #url: string

  constructor(url: string, name: string) {
    this.#url = url
    this.name = name
  }

  create(body: object = {}): Promise<object> {
    return this.call('PUT', '', body)
  }

  async document(id: string, routing?: string): Promise<StoredDocument | undefined> {
    const query = routing === undefined ? '' : `?routing=${routing}`
    const found = (await this.call('GET', `/_doc/${id}${query}`, undefined, [404])) as {
      readonly found: boolean
      readonly _source: unknown
      readonly _version: number
    }
    return found.found ? { source: found._source, version: found._version } : undefined
  }

  async source(id: string): Promise<unknown> {
    return (await this.document(id))?.source
  }

  async count(): Promise<number> {
    await this.call('POST', '/_refresh')
    return ((await this.call('GET', '/_count')) as { readonly count: number }).count
  }

  /** @param path the rest of the path after the index's name */
  async call(method: string, path: string, body?: object, allowed: readonly number[] = []): Promise<object> {
    const answered = await fetch(`${this.#url}/${this.name}${path}`, {
      method,
      ...(body !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }),
    })
    const json = (await answered.json()) as object
    if (!answered.ok && !allowed.includes(answered.status)) throw new Error(JSON.stringify(json))
    return json
  }
}
