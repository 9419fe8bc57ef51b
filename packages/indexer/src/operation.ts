import { actionMetadata } from './action-metadata.ts'
import type { ActionMetadata } from './action-metadata.ts'
import type { BulkLines } from './bulk-lines.ts'
import { BulkLinesBuilder } from './bulk-lines-builder.ts'
import type { Entry } from './entry.ts'
import type { IndexDefinition } from './index-definition.ts'
import type { Read } from './record-loader.ts'

/** An entry for which no operation could be made, and the error that the index definition threw. */
export interface FailedDocument {
  readonly entry: Entry
  readonly error: unknown
}

/** What a read tells of the entries. */
type Found<Record> = Pick<Read<Record>, 'records' | 'ticket'>

/**
 * Makes the operation of each entry: an index with the record's document, or a delete where there is no record. Those
 * whose documents are promises come last.
 */
export async function buildOperations<Record>(
  definition: IndexDefinition<Record>,
  entries: readonly Entry[],
  { records, ticket }: Found<Record>,
): Promise<{ readonly lines: BulkLines; readonly failed: readonly FailedDocument[] }> {
  const lines = new BulkLinesBuilder()
  const failed: FailedDocument[] = []
  const later: Promise<void>[] = []
  let usual: ActionMetadata | undefined
  const metadataOf = (...subject: Parameters<NonNullable<IndexDefinition<Record>['options']>>) => {
    const options = definition.options?.(...subject)
    return options === undefined
      ? (usual ??= actionMetadata(undefined, ticket))
      : actionMetadata(options, ticket)
  }
  for (const entry of entries)
    try {
      const record = records.get(entry.id)
      if (record === undefined) {
        lines.delete(entry, metadataOf(entry.payload, 'delete'))
        continue
      }
      const metadata = metadataOf(record, 'index')
      const document = definition.document(record)
      if (isPromise(document))
        later.push(
          Promise.resolve(document)
            .then((made) => lines.index(entry, metadata, documentText(made)))
            .catch((error: unknown) => void failed.push({ entry, error })),
        )
      else lines.index(entry, metadata, documentText(document))
    } catch (error) {
      failed.push({ entry, error })
    }
  await Promise.all(later)
  return { lines: lines.build(), failed }
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
