import type { Action } from './bulk-lines.ts'

/** What is to be done about one operation. */
export type Settled =
  | { readonly kind: 'done' }
  /** Something newer is there, of this version if the search engine names it. */
  | { readonly kind: 'newer'; readonly version?: number }
  /** It may succeed later, or the search engine does not take this document. */
  | (Reason & { readonly kind: 'retry' | 'rejected' })

/** What became of one operation. `doubtful`: the search engine failed on it, be it the document's fault or its own. */
export type Verdict = Settled | (Reason & { readonly kind: 'doubtful' })

/** `refused`: the search engine had no room for this operation alone, but for another one in the same shard. */
export type Finding = Verdict | (Reason & { readonly kind: 'refused' })

/** What the search engine said. */
export interface Reason {
  /** The HTTP status of the item, or of the request; none when there was no answer. */
  readonly status?: number
  /** The error type, such as `document_parsing_exception`. */
  readonly type?: string
}

/** Errors of status 400 and 404 that tell of the index, not of the document. */
const troubleOfTheIndex = new Set(['index_closed_exception', 'index_not_found_exception'])

/** Judges one item of an answer. */
export function judgeItem(action: Action, item: unknown): Verdict {
  const { status, type } = reasonOf(property(item, action.kind))
  if (status === undefined) return { kind: 'retry' }
  const reason = { status, ...(type !== undefined && { type }) }
  if (status < 300) return { kind: 'done' }
  if (status === 404 && action.kind === 'delete' && type === undefined) return { kind: 'done' }
  if (status === 409 && action.versioned) return newer(property(item, action.kind))
  if (status === 500) return { kind: 'doubtful', ...reason }
  // 401 and 403 are missing rights, or an index that somebody has made read-only.
  if (status > 500 || [401, 403, 408, 429].includes(status)) return { kind: 'retry', ...reason }
  if (type !== undefined && troubleOfTheIndex.has(type)) return { kind: 'retry', ...reason }
  return { kind: 'rejected', ...reason }
}

/** Judges a request that failed as a whole. */
export function judgeFailure(error: unknown): Verdict & Reason {
  const reason = failureReason(error)
  // A malformed line, or too large: to be found in halves. A client of the wrong version is a 400 too.
  const blamesContent = reason.status === 400 || reason.status === 413
  return {
    kind: blamesContent && reason.type !== 'media_type_header_exception' ? 'rejected' : 'retry',
    ...reason,
  }
}

/** What Elasticsearch calls an index that it has made read-only because the disk is full; the status is 429. */
const blocked = 'cluster_block_exception'

/** Whether the search engine has too much to do. */
export function isPushback(finding: Finding): boolean {
  return finding.kind === 'retry' && finding.status === 429 && finding.type !== blocked
}

/** Whether this is more than a passing shortage: somebody has to mend rights, the index or the client. */
export function needsAttention({ status, type }: Reason): boolean {
  if (type === blocked) return true
  return status !== undefined && status >= 400 && status < 500 && status !== 408 && status !== 429
}

/** Elasticsearch and OpenSearch name the version in the text alone. */
function newer(answer: unknown): Verdict {
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

/** The response errors of both clients have `statusCode` and the answer's `body`. */
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
