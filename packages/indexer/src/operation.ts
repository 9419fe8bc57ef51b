import { toRecordKey } from '@kt/core'
import type { Entry } from './entry.ts'
import type { IndexDefinition, OperationOptions } from './index-definition.ts'
import type { Read } from './record-loader.ts'

/** One operation of a bulk request, ready to be sent. */
export interface Operation {
  readonly entry: Entry
  readonly kind: 'index' | 'delete'
  /** The action and, to index, the document: a line of JSON each. */
  readonly text: string
  /** Whether it carries an external version, so that a conflict means that something newer is there. */
  readonly versioned: boolean
}

/** An entry for which no operation could be made, and the error that the index definition threw. */
export interface FailedDocument {
  readonly entry: Entry
  readonly error: unknown
}

/** What a read tells of the entries. */
type Found<Record> = Pick<Read<Record>, 'records' | 'ticket'>

/** Makes the operation of each entry: an index with the record's document, or a delete where there is no record. */
export async function buildOperations<Record>(
  definition: IndexDefinition<Record>,
  entries: readonly Entry[],
  read: Found<Record>,
): Promise<{ readonly operations: readonly Operation[]; readonly failed: readonly FailedDocument[] }> {
  const built = entries.map((entry) => build(definition, entry, read))
  // A promise for every record would cost more than most documents do.
  const settled = built.every(isThere) ? built : await Promise.all(built.map((each) => Promise.resolve(each)))
  return {
    operations: settled.filter((each) => 'text' in each),
    failed: settled.filter((each) => 'error' in each),
  }
}

type Built = Operation | FailedDocument

function isThere(built: Built | Promise<Built>): built is Built {
  return !(built instanceof Promise)
}

function build<Record>(
  definition: IndexDefinition<Record>,
  entry: Entry,
  { records, ticket }: Found<Record>,
): Built | Promise<Built> {
  try {
    const record = records.get(entry.id)
    if (record === undefined) {
      const action = actionOf(entry.id, definition.options?.(entry.payload, 'delete'), ticket)
      return deleteOf(entry, action)
    }
    const action = actionOf(entry.id, definition.options?.(record, 'index'), ticket)
    const document = definition.document(record)
    if (!isPromise(document)) return indexOf(entry, action, document)
    return Promise.resolve(document)
      .then((made) => indexOf(entry, action, made))
      .catch((error: unknown) => ({ entry, error }))
  } catch (error) {
    return { entry, error }
  }
}

interface Action {
  readonly _id: string
  routing?: string
  version?: number
  version_type?: 'external' | 'external_gte'
  pipeline?: string
}

function actionOf(id: string, options: OperationOptions | undefined, ticket: number | undefined): Action {
  const action: Action = { _id: id }
  const version = options?.version ?? ticket
  if (options?.routing !== undefined) action.routing = routingText(options.routing)
  if (version !== undefined) {
    action.version = versionNumber(version)
    action.version_type = options?.version_type ?? 'external'
  }
  if (options?.pipeline !== undefined) action.pipeline = options.pipeline
  return action
}

// The search engine refuses the whole request for one malformed action, so each is checked here.

function routingText(routing: unknown): string {
  const text = toRecordKey(routing)
  if (text === undefined)
    throw new TypeError('options() returned a routing that is no string or whole number')
  return text
}

function versionNumber(version: unknown): number {
  if (Number.isSafeInteger(version) && (version as number) >= 0) return version as number
  throw new TypeError('options() returned a version that is no whole number of at least 0')
}

function documentText(document: unknown): string {
  if (typeof document !== 'object' || document === null)
    throw new TypeError('document() did not return an object')
  // A toJSON() of its own may return anything.
  const text = JSON.stringify(document) as string | undefined
  if (text === undefined) throw new TypeError('document() returned an object that is no JSON')
  return text
}

function indexOf(entry: Entry, action: Action, document: unknown): Operation {
  const text = `{"index":${JSON.stringify(action)}}\n${documentText(document)}\n`
  return { entry, kind: 'index', text, versioned: action.version !== undefined }
}

function deleteOf(entry: Entry, action: Action): Operation {
  const text = `{"delete":${JSON.stringify(action)}}\n`
  return { entry, kind: 'delete', text, versioned: action.version !== undefined }
}

function isPromise(document: unknown): document is PromiseLike<object> {
  return typeof (document as { readonly then?: unknown } | null | undefined)?.then === 'function'
}
