import { setImmediate } from 'node:timers/promises'
import { KtError, sleep } from '@kt/core'
import { ActionPlanner } from './action-planner.ts'
import type { BulkLines } from '../bulk/bulk-lines.ts'
import { BulkLinesBuilder } from '../bulk/bulk-lines-builder.ts'
import type { Copies } from './copy-finder.ts'
import type { Entry } from '../entry.ts'
import type { IndexDefinition } from './index-definition.ts'
import type { Read } from '../read/record-loader.ts'

/** An entry for which no operation could be made, and the error that the index definition threw. */
interface FailedDocument {
  readonly entry: Entry
  readonly error: unknown
}

export interface Operations {
  readonly lines: BulkLines
  readonly failed: readonly FailedDocument[]
  /** Whether the index definition gave versions of its own. */
  readonly ownVersions: boolean
  /** Whether any record has, or had, a routing. */
  readonly isRouted: boolean
  /** What `options` threw last for a payload that tells of old places: copies may stay there. */
  readonly formerFailure: unknown
  /** How long it took, without the wait for documents that are promises. */
  readonly buildMs: number
}

export interface DocumentOptions {
  /** After so long, a document that is a promise has failed. */
  readonly documentTimeoutMs: number
}

/** How long documents are made in one go: heartbeats and timers have their turn in between. */
const longestTurnMs = 50

/** What is known of the entries. */
type Found<Record> = Pick<Read<Record>, 'records' | 'ticket'> & { readonly copies?: Copies | undefined }

/**
 * Makes the operations of each entry: an index with the record's document, or a delete where there is no record, after
 * the deletes under the routings that it had. Those whose documents are promises come last.
 */
export async function buildOperations<Record>(
  definition: IndexDefinition<Record>,
  entries: readonly Entry[],
  { records, ticket, copies }: Found<Record>,
  { documentTimeoutMs }: DocumentOptions,
): Promise<Operations> {
  const lines = new BulkLinesBuilder()
  const failed: FailedDocument[] = []
  const later: Promise<void>[] = []
  const planner = new ActionPlanner(definition, ticket, copies)
  const done = new AbortController()
  let late: Promise<never> | undefined
  const startedAtMs = performance.now()
  let turnEndsAtMs = startedAtMs + longestTurnMs
  for (const entry of entries) {
    if (performance.now() > turnEndsAtMs) {
      await setImmediate()
      turnEndsAtMs = performance.now() + longestTurnMs
    }
    try {
      const record = records.get(entry.id)
      if (record === undefined) {
        lines.delete(entry, planner.delete(entry))
        continue
      }
      const plan = planner.index(entry, record)
      const document = definition.document(record)
      if (isPromise(document)) {
        if (late === undefined) {
          late = tooLate(documentTimeoutMs, done.signal)
          late.catch(() => undefined)
        }
        later.push(
          Promise.race([document, late])
            .then((made) => lines.index(entry, plan, documentText(made)))
            .catch((error: unknown) => void failed.push({ entry, error })),
        )
      } else lines.index(entry, plan, documentText(document))
    } catch (error) {
      failed.push({ entry, error })
    }
  }
  const buildMs = performance.now() - startedAtMs
  await Promise.all(later)
  done.abort('done')
  return {
    lines: lines.build(),
    failed,
    ownVersions: planner.ownVersions,
    isRouted: planner.isRouted,
    formerFailure: planner.formerFailure,
    buildMs,
  }
}

async function tooLate(ms: number, signal: AbortSignal): Promise<never> {
  await sleep(ms, signal)
  throw new KtError(
    'KT_DOCUMENT_FAILED',
    `document() took longer than ${ms} ms; if it needs that, give the Indexer a longer documentTimeoutMs`,
    { retryable: false },
  )
}

function documentText(document: unknown): string {
  if (typeof document !== 'object' || document === null)
    throw new TypeError('document() did not return an object')
  // A toJSON() of its own may return anything.
  const text = JSON.stringify(document) as string | undefined
  if (text === undefined) throw new TypeError('document() returned an object that is no JSON')
  return text
}

function isPromise(document: unknown): document is PromiseLike<object> {
  return typeof (document as { readonly then?: unknown } | null | undefined)?.then === 'function'
}
