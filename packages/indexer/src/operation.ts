import { toRecordKey } from '@kt/core'
import type { Entry } from './entry.ts'
import type { IndexDefinition, OperationOptions } from './index-definition.ts'
import type { Read } from './record-loader.ts'

/** One operation of a bulk request, ready to be sent. */
export interface Operation {
  readonly entry: Entry
  readonly kind: 'index' | 'delete'
  /** The action and, to index, the document: a JSON text each. */
  readonly lines: readonly string[]
  readonly bytes: number
  /** Whether it carries an external version, so that a conflict means that something newer is there. */
  readonly versioned: boolean
}

/** An entry for which no operation could be made, and the error that the index definition threw. */
export interface FailedDocument {
  readonly entry: Entry
  readonly error: unknown
}

/** Makes the operation of each entry: an index with the record's document, or a delete where there is no record. */
export async function buildOperations<Record>(
  definition: IndexDefinition<Record>,
  entries: readonly Entry[],
  read: Pick<Read<Record>, 'records' | 'ticket'>,
): Promise<{ readonly operations: readonly Operation[]; readonly failed: readonly FailedDocument[] }> {
  const built = await Promise.all(entries.map((entry) => build(definition, entry, read)))
  return {
    operations: built.filter((each) => 'lines' in each),
    failed: built.filter((each) => 'error' in each),
  }
}

async function build<Record>(
  definition: IndexDefinition<Record>,
  entry: Entry,
  { records, ticket }: Pick<Read<Record>, 'records' | 'ticket'>,
): Promise<Operation | FailedDocument> {
  try {
    if (!records.has(entry.id)) {
      const action = actionOf(entry.id, definition.options?.(entry.payload, 'delete'), ticket)
      return toOperation(entry, 'delete', action, [JSON.stringify({ delete: action })])
    }
    const record = records.get(entry.id) as Record
    const action = actionOf(entry.id, definition.options?.(record, 'index'), ticket)
    const document = documentText(await definition.document(record))
    return toOperation(entry, 'index', action, [JSON.stringify({ index: action }), document])
  } catch (error) {
    return { entry, error }
  }
}

interface Action extends OperationOptions {
  readonly _id: string
}

function actionOf(id: string, options: OperationOptions = {}, ticket: number | undefined): Action {
  const { routing, version = ticket, version_type = 'external', pipeline } = options
  return {
    _id: id,
    ...(routing !== undefined && { routing: routingText(routing) }),
    ...(version !== undefined && { version: versionNumber(version), version_type }),
    ...(pipeline !== undefined && { pipeline }),
  }
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
  return JSON.stringify(document)
}

function toOperation(
  entry: Entry,
  kind: Operation['kind'],
  action: Action,
  lines: readonly string[],
): Operation {
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
  return { entry, kind, lines, bytes, versioned: action.version !== undefined }
}
