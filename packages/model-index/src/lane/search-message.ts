import { createHash } from 'node:crypto'
import { KtError } from '@kt/core'
import type { Message } from '@kt/core'
import type { Search } from './search.ts'

/** A search in the topic of a lane. */
export interface QueuedSearch extends Search {
  /** The name of the cascade. */
  readonly cascade: string
  readonly path: string
  /** Identifies the search with which the pass has begun. It is the key of all messages of the pass. */
  readonly root: string
  /** Where the pass has begun in the lane; undefined for the beginning itself. */
  readonly pass?: Place
  /** When the pass has begun, in epoch milliseconds. */
  readonly sinceMs: number
}

export interface Place {
  readonly partition: number
  readonly offset: string
}

/** Returns the beginning of a pass. */
export function beginningOf(cascade: string, path: string, search: Search): QueuedSearch {
  const hash = createHash('sha256').update(JSON.stringify([cascade, path, search.values.toSorted()]))
  return { ...search, cascade, path, root: hash.digest('base64url').slice(0, 22), sinceMs: Date.now() }
}

export function encodeSearch(search: QueuedSearch): string {
  return JSON.stringify(search)
}

/** @throws KtError `KT_PAYLOAD_INVALID` */
export function decodeSearch({ value }: Message): QueuedSearch {
  const search = parse(value)
  if (!isSearch(search))
    throw new KtError('KT_PAYLOAD_INVALID', 'The message value is no search of a cascade', {
      retryable: false,
    })
  return search
}

function parse(value: Uint8Array | null): unknown {
  try {
    return value === null ? undefined : JSON.parse(Buffer.from(value).toString())
  } catch {
    return undefined
  }
}

function isSearch(json: unknown): json is QueuedSearch {
  if (typeof json !== 'object' || json === null) return false
  const { cascade, path, step, values, after, root, pass, sinceMs } = json as Record<string, unknown>
  return (
    [cascade, path, root].every((each) => typeof each === 'string') &&
    Number.isSafeInteger(step) &&
    Number.isSafeInteger(sinceMs) &&
    Array.isArray(values) &&
    values.every((each) => typeof each === 'string') &&
    ['undefined', 'string', 'number'].includes(typeof after) &&
    (pass === undefined || isPlace(pass))
  )
}

function isPlace(json: unknown): json is Place {
  const { partition, offset } = (json ?? {}) as Record<string, unknown>
  return Number.isSafeInteger(partition) && typeof offset === 'string' && /^\d{1,19}$/.test(offset)
}
