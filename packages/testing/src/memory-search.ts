import { optionChecker } from '@kt/core/internal'
import type { JsonObject, JsonValue } from '@kt/core'

/** A document, as it is stored. */
export interface MemoryHit {
  readonly id: string
  readonly routing: string | undefined
  readonly version: number
  readonly document: JsonObject
}

/**
 * The part of a search client that an Indexer uses, in memory: bulk requests with external versions. It has no mappings
 * and no queries. Indexes are created when they are first used.
 */
export interface MemorySearch {
  /** The documents of an index by id. Under several routings, an id has the document that was written last. */
  documents(index: string): Readonly<Record<string, JsonObject>>
  /** Every stored document of an index, with its routing and version. */
  hits(index: string): readonly MemoryHit[]
  bulk(params: object): Promise<object>
  /** Finds documents by ids under any routing. */
  search(params: object): Promise<object>
  readonly indices: { getAlias(params: { index: string }): Promise<object> }
}

/** What is known of an id under one routing. Deleted documents keep their version. */
type Slot = Omit<MemoryHit, 'document'> & { readonly document: JsonObject | undefined }

interface Action {
  readonly _id: string
  readonly version?: number
  readonly version_type?: string
  readonly routing?: string
}

/** Creates an empty search engine for an `Indexer`. */
export function memorySearch(): MemorySearch {
  const indexes = new Map<string, Map<string, Slot>>()

  function slotsOf(index: string): Map<string, Slot> {
    const slots = indexes.get(index) ?? new Map<string, Slot>()
    indexes.set(index, slots)
    return slots
  }

  function hits(index: string): readonly MemoryHit[] {
    return Array.from(indexes.get(index)?.values() ?? []).filter(isHit)
  }

  return {
    hits,
    documents: (index) => Object.fromEntries(hits(index).map(({ id, document }) => [id, document])),
    async bulk(params) {
      const { index, operations } = params as { readonly index: string; readonly operations: string }
      const slots = slotsOf(optionChecker('bulk').string('index', index))
      const lines = operations.split('\n').filter((line) => line !== '')
      const items: object[] = []
      let errors = false
      for (let at = 0; at < lines.length; at += 1) {
        const { index: put, delete: remove } = JSON.parse(lines[at] ?? '') as Partial<
          Record<'index' | 'delete', Action>
        >
        const action = put ?? remove
        if (action === undefined) throw new TypeError('memorySearch knows the actions index and delete')
        const document = put && (JSON.parse(lines[(at += 1)] ?? '') as JsonObject)
        const item = write(slots, action, document)
        errors ||= 'error' in item
        items.push({ [put ? 'index' : 'delete']: item })
      }
      return { errors, items }
    },
    async search(params) {
      const { index, query } = params as { readonly index: string; readonly query?: JsonValue }
      const ids = (query as { readonly ids?: { readonly values?: readonly string[] } } | undefined)?.ids
      if (ids?.values === undefined) throw new TypeError('memorySearch knows no other query than ids')
      const found = hits(index).filter(({ id }) => ids.values?.includes(id))
      return {
        hits: {
          hits: found.map(({ id, routing, document }) => ({ _id: id, _routing: routing, _source: document })),
        },
      }
    },
    indices: { getAlias: async ({ index }) => ({ [index]: { aliases: {} } }) },
  }
}

function isHit(slot: Slot): slot is MemoryHit {
  return slot.document !== undefined
}

/** Writes or deletes a document unless the index has a newer version, and returns the item of the response. */
function write(slots: Map<string, Slot>, action: Action, document: JsonObject | undefined): object {
  const { _id: id, routing, version_type: type } = action
  const key = JSON.stringify([id, routing])
  const found = slots.get(key)
  const current = found?.version ?? -1
  const version = action.version ?? current + 1
  const isNewer = type === 'external_gte' ? version >= current : version > current
  if (!isNewer) {
    const reason = `[${id}]: version conflict, current version [${current}] is not lower than [${version}]`
    return { _id: id, status: 409, error: { type: 'version_conflict_engine_exception', reason } }
  }
  // The latest write comes last.
  slots.delete(key)
  slots.set(key, { id, routing, version, document })
  if (document !== undefined) return { _id: id, _version: version, status: found?.document ? 200 : 201 }
  return { _id: id, _version: version, status: found?.document ? 200 : 404 }
}
