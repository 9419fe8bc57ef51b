import { KtError } from '@kt/core'
import type { Message } from '@kt/core'
import type { Search } from './search.ts'

/** A search in the topic of a lane, and the pass over the dependents that it belongs to. */
export interface QueuedSearch extends Search {
  /** The name of the cascade. */
  readonly cascade: string
  readonly pass: string
  /** Whether the pass begins here, or continues. */
  readonly begins: boolean
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
  const { cascade, path, step, values, after, root, pass, begins } = json as Record<
    keyof QueuedSearch,
    unknown
  >
  return (
    [cascade, path, root, pass].every((each) => typeof each === 'string') &&
    typeof begins === 'boolean' &&
    Number.isSafeInteger(step) &&
    Array.isArray(values) &&
    values.every((each) => typeof each === 'string') &&
    ['undefined', 'string', 'number'].includes(typeof after)
  )
}
