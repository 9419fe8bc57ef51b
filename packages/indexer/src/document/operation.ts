import { setImmediate } from 'node:timers/promises'
import { KtError } from '@kt/core'
import { sleep } from '@kt/core/internal'
import { ActionPlanner } from './action-planner.ts'
import type { BulkLines } from '../bulk/bulk-lines.ts'
import { BulkLinesBuilder } from '../bulk/bulk-lines-builder.ts'
import type { Copies } from './copy-finder.ts'
import type { Entry } from '../entry.ts'
import type { IndexDefinition } from './index-definition.ts'
import type { Read } from '../read/record-loader.ts'

/** An entry without an operation, and the error that the index definition threw. */
interface FailedDocument {
  readonly entry: Entry
  readonly error: unknown
}

export interface Operations {
  readonly lines: BulkLines
  readonly failed: readonly FailedDocument[]
  /** Whether the index definition returned its own versions. */
  readonly ownVersions: boolean
  /** Whether any record has or had a routing. */
  readonly isRouted: boolean
  /** The last error that `options` threw for a former place of a record. Routing copies may be left there. */
  readonly formerFailure: unknown
  /** The time it took, without waiting for documents that are promises. */
  readonly buildMs: number
}

export interface DocumentOptions {
  /** The timeout of a document that is a promise. */
  readonly documentTimeoutMs: number
}

/** The longest time to build documents before heartbeats and timers get a turn. */
const longestTurnMs = 50

/** What was read for the entries. */
type Found<Record> = Pick<Read<Record>, 'records' | 'ticket'> & { readonly copies?: Copies | undefined }

/**
 * Builds the operations of each entry: first deletes of its routing copies, then an index operation with the record's
 * document, or a delete if there is no record. Entries whose documents are promises come last.
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
  let timedOut: Promise<never> | undefined
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
        if (timedOut === undefined) {
          timedOut = timeout(documentTimeoutMs, done.signal)
          timedOut.catch(() => undefined)
        }
        later.push(
          Promise.race([document, timedOut])
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

async function timeout(ms: number, signal: AbortSignal): Promise<never> {
  await sleep(ms, signal)
  throw new KtError(
    'KT_DOCUMENT_FAILED',
    `document() took longer than ${ms} ms; if it needs more time, increase documentTimeoutMs of the Indexer`,
    { retryable: false },
  )
}

function documentText(document: unknown): string {
  if (typeof document !== 'object' || document === null)
    throw new TypeError('document() did not return an object')
  // A custom toJSON() may return anything.
  const text = JSON.stringify(document) as string | undefined
  if (text === undefined)
    throw new TypeError('document() returned an object that cannot be converted to JSON')
  return text
}

function isPromise(document: unknown): document is PromiseLike<object> {
  return typeof (document as { readonly then?: unknown } | null | undefined)?.then === 'function'
}
