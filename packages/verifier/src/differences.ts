import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { databaseAnswer, toRecordKey } from '@kt/core/internal'
import type { DifferenceKind } from './report.ts'
import type { Hit } from './search-client.ts'
import type { VerifiableIndex } from './options.ts'

/** A difference as it was seen once. */
export interface Sighting {
  readonly id: string
  readonly kind: DifferenceKind
  /** Identifies what was seen on both sides. */
  readonly fingerprint: string
  /** Identifies the documents that were found, by their versions. */
  readonly found: string
  /** Where the document should be, if there is none of the record at all. */
  readonly absent: { readonly _id: string; readonly routing?: string } | undefined
}

/** The document that a record should have. */
interface Expected {
  readonly document: object
  readonly routing: string | undefined
}

export interface Comparison {
  readonly sightings: readonly Sighting[]
  /** Records whose `document()` has thrown. The Indexer sends their messages to the dead letters. */
  readonly unbuildable: readonly string[]
}

/** Compares records with their documents. */
export class Comparer<Record> {
  readonly #index: VerifiableIndex<Record>
  readonly #isSame: (expected: object, found: object) => boolean

  constructor(
    index: VerifiableIndex<Record>,
    isSame: (expected: object, found: object) => boolean = isDeepStrictEqual,
  ) {
    this.#index = index
    this.#isSame = isSame
  }

  /** Whether the shard of a document depends on its record. */
  get isRouted(): boolean {
    return this.#index.options !== undefined
  }

  /** Loads the records that belong in the index. */
  async load(ids: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Record>> {
    const records = await databaseAnswer(Promise.resolve(this.#index.load(ids, { signal })))
    return new Map(records.map((record) => [this.#idOf(record), record]))
  }

  routingOf(record: Record): string | undefined {
    return toRecordKey(this.#index.options?.(record, 'index').routing)
  }

  /**
   * Compares the records with all documents that were found of them.
   *
   * @param ids those to compare; the others are ignored
   */
  async compare(
    ids: readonly string[],
    records: ReadonlyMap<string, Record>,
    hits: readonly Hit[],
  ): Promise<Comparison> {
    const byId = new Map<string, Hit[]>()
    for (const hit of hits) byId.set(hit._id, [...(byId.get(hit._id) ?? []), hit])
    const sightings: Sighting[] = []
    const unbuildable: string[] = []
    for (const id of ids) {
      const record = records.get(id)
      try {
        const expected = record === undefined ? undefined : await this.#expected(record)
        const kind = this.#kindOf(expected, byId.get(id) ?? [])
        if (kind !== undefined) sightings.push(sighting(id, kind, expected, byId.get(id) ?? []))
      } catch {
        unbuildable.push(id)
      }
    }
    return { sightings, unbuildable }
  }

  #kindOf(expected: Expected | undefined, hits: readonly Hit[]): DifferenceKind | undefined {
    if (expected === undefined) return hits.length > 0 ? 'orphaned' : undefined
    const own = hits.find(({ _routing }) => _routing === expected.routing)
    if (own === undefined) return 'missing'
    if (!this.#hasContent(own, expected.document)) return 'stale'
    return hits.length > 1 ? 'duplicate' : undefined
  }

  #hasContent({ _source, fields }: Hit, expected: object): boolean {
    const { contentHash } = this.#index
    if (contentHash === undefined) return _source !== undefined && this.#isSame(expected, _source)
    return fields?.[contentHash]?.[0] === (expected as { readonly [field: string]: unknown })[contentHash]
  }

  async #expected(record: Record): Promise<Expected> {
    const document = JSON.parse(JSON.stringify(await this.#index.document(record))) as object
    return { document, routing: this.routingOf(record) }
  }

  #idOf(record: Record): string {
    const own = (record as { readonly id?: unknown }).id
    return toRecordKey(this.#index.id === undefined ? own : this.#index.id(record)) ?? ''
  }
}

function sighting(
  id: string,
  kind: DifferenceKind,
  expected: Expected | undefined,
  hits: readonly Hit[],
): Sighting {
  // With the version, because a record may alternate between two states.
  const found = JSON.stringify(
    hits.map(({ _routing, _version }) => JSON.stringify([_routing, _version])).toSorted(),
  )
  const both = JSON.stringify([kind, expected, found])
  const routing = expected?.routing
  return {
    id,
    kind,
    fingerprint: createHash('sha256').update(both).digest('base64'),
    found,
    absent: hits.length > 0 ? undefined : { _id: id, ...(routing !== undefined && { routing }) },
  }
}
