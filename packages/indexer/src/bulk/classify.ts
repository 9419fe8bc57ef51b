import type { Action } from './bulk-lines.ts'

/** How one operation ends: its entry is done, retried or given up. */
export type Resolution =
  | { readonly kind: 'done' }
  /** The index has a newer document, of this version if the search engine reports it. */
  | { readonly kind: 'newer'; readonly version?: number }
  /** `retry`: it may succeed later. `rejected`: the search engine does not accept this document. */
  | (Reason & { readonly kind: 'retry' | 'rejected' })

/**
 * The result of one operation.
 * - `uncertain`: the search engine failed on it, which may be the document's fault or its own.
 * - `refused`: the search engine had no capacity (429) for this operation alone, but for another one in the same shard.
 */
export type Classification = Resolution | (Reason & { readonly kind: 'uncertain' | 'refused' })

/** How the search engine explains a failure. */
export interface Reason {
  /** The HTTP status of the item, or of the request. Undefined when there was no response. */
  readonly status?: number
  /** The error type, such as `document_parsing_exception`. */
  readonly type?: string
}

/** Errors of status 400 and 404 that concern the index, not the document. */
const indexErrors = new Set(['index_closed_exception', 'index_not_found_exception'])

/** Classifies one item of a bulk response. */
export function classifyItem(action: Action, item: unknown): Classification {
  const { status, type } = reasonOf(property(item, action.kind))
  if (status === undefined) return { kind: 'retry' }
  const reason = { status, ...(type !== undefined && { type }) }
  if (status < 300) return { kind: 'done' }
  if (status === 404 && action.kind === 'delete' && type === undefined) return { kind: 'done' }
  if (status === 409 && action.versioned) return newer(property(item, action.kind))
  if (status === 500) return { kind: 'uncertain', ...reason }
  // 401 and 403: missing privileges, or an index that was made read-only.
  if (status > 500 || [401, 403, 408, 429].includes(status)) return { kind: 'retry', ...reason }
  if (type !== undefined && indexErrors.has(type)) return { kind: 'retry', ...reason }
  return { kind: 'rejected', ...reason }
}

/** Classifies a request that failed as a whole. */
export function classifyFailure(error: unknown): Reason & { readonly kind: 'retry' | 'rejected' } {
  const reason = failureReason(error)
  // A malformed line or a body that is too large. The caller halves the request to find it. A client of the wrong
  // version gets status 400 as well.
  const isContentError = reason.status === 400 || reason.status === 413
  return {
    kind: isContentError && reason.type !== 'media_type_header_exception' ? 'rejected' : 'retry',
    ...reason,
  }
}

/** Elasticsearch's error type, with status 429, for an index that it made read-only because the disk is full. */
const blocked = 'cluster_block_exception'

/** Whether the search engine is overloaded. */
export function isOverload(result: Classification): boolean {
  return result.kind === 'retry' && result.status === 429 && result.type !== blocked
}

/** Whether somebody has to fix privileges, the index or the client. Overload passes by itself. */
export function needsAttention({ status, type }: Reason): boolean {
  if (type === blocked) return true
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** Elasticsearch and OpenSearch report the version only in the text of the error. */
function newer(answer: unknown): Classification {
  const reason = property(property(answer, 'error'), 'reason')
  const version = /current version \[(\d+)\]/.exec(typeof reason === 'string' ? reason : '')?.[1]
  return { kind: 'newer', ...(version !== undefined && { version: Number(version) }) }
}

function reasonOf(item: unknown): Reason {
  const status = property(item, 'status')
  const type = property(property(item, 'error'), 'type')
  return {
    ...(typeof status === 'number' && { status }),
    ...(typeof type === 'string' && { type }),
  }
}

/** The response errors of both clients have `statusCode` and the response's `body`. */
function failureReason(error: unknown): Reason {
  const status = property(error, 'statusCode')
  const type = property(property(property(error, 'body'), 'error'), 'type')
  return {
    ...(typeof status === 'number' && { status }),
    ...(typeof type === 'string' && { type }),
  }
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as { [name: string]: unknown })[name]
    : undefined
}
