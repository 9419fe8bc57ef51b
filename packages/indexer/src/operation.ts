import { toRecordKey } from '@kt/core'
import { BulkLines } from './bulk-lines.ts'
import type { Entry } from './entry.ts'
import type { IndexDefinition, OperationOptions } from './index-definition.ts'
import type { Read } from './record-loader.ts'

/** One operation of a bulk request. */
export interface Operation {
  readonly entry: Entry
  readonly kind: 'index' | 'delete'
  /** Whether it carries an external version, so that a conflict means that something newer is there. */
  readonly versioned: boolean
}

/** An operation, ready to be sent. */
export interface WrittenOperation {
  readonly operation: Operation
  /** The action and, to index, the document: a line of JSON each. */
  readonly lines: string
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
): Promise<{ readonly lines: BulkLines; readonly failed: readonly FailedDocument[] }> {
  const built = entries.map((entry) => build(definition, entry, read))
  // A promise for every record would cost more than most documents do.
  const settled = built.every(isThere) ? built : await Promise.all(built.map((each) => Promise.resolve(each)))
  return {
    lines: BulkLines.of(settled.filter((each) => 'lines' in each)),
    failed: settled.filter((each) => 'error' in each),
  }
}

type Built = WrittenOperation | FailedDocument

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

/** What is known of an operation before its document. */
interface Action {
  /** In JSON. Written by hand: an object and its serialization for each would take longer than most documents. */
  readonly text: string
  readonly versioned: boolean
}

function actionOf(id: string, options: OperationOptions | undefined, ticket: number | undefined): Action {
  const version = options?.version ?? ticket
  let text = `{"_id":${JSON.stringify(id)}`
  if (version !== undefined)
    text += `,"version":${versionNumber(version)},"version_type":"${versionType(options?.version_type)}"`
  if (options?.routing !== undefined) text += `,"routing":${JSON.stringify(routingText(options.routing))}`
  if (options?.pipeline !== undefined) text += `,"pipeline":${JSON.stringify(options.pipeline)}`
  return { text: `${text}}`, versioned: version !== undefined }
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

function versionType(type: unknown): string {
  if (type === undefined) return 'external'
  if (type === 'external' || type === 'external_gte') return type
  throw new TypeError('options() returned a version_type that is neither external nor external_gte')
}

function documentText(document: unknown): string {
  if (typeof document !== 'object' || document === null)
    throw new TypeError('document() did not return an object')
  // A toJSON() of its own may return anything.
  const text = JSON.stringify(document) as string | undefined
  if (text === undefined) throw new TypeError('document() returned an object that is no JSON')
  return text
}

function indexOf(entry: Entry, { text, versioned }: Action, document: unknown): WrittenOperation {
  return {
    operation: { entry, kind: 'index', versioned },
    lines: `{"index":${text}}\n${documentText(document)}\n`,
  }
}

function deleteOf(entry: Entry, { text, versioned }: Action): WrittenOperation {
  return { operation: { entry, kind: 'delete', versioned }, lines: `{"delete":${text}}\n` }
}

function isPromise(document: unknown): document is PromiseLike<object> {
  return typeof (document as { readonly then?: unknown } | null | undefined)?.then === 'function'
}
