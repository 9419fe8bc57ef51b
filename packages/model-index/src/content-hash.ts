import { createHash } from 'node:crypto'
import { optionChecker } from '@kt/core/internal'

const check = optionChecker('modelIndex')

/** Found by its doc value, without the document; nobody searches for it. */
const mapping = { type: 'keyword', index: false }

/** A `document` that keeps a hash of its content in one more field. */
export function withContentHash<Record, Document extends object>(
  field: string,
  document: (record: Record) => Document | Promise<Document>,
): (record: Record) => Promise<Document> {
  return async (record) => {
    // As the search engine gets it: a spread would drop what toJSON makes.
    const content = JSON.parse(JSON.stringify(await document(record))) as Document
    if (Object.hasOwn(content, field))
      check.fail('contentHash', 'a name that no field of the documents has', field)
    return { ...content, [field]: contentHash(content) }
  }
}

/** Adds the field to the mappings of an index. */
export function mappingsWithContentHash(field: string, mappings: object = {}): object {
  const { properties = {} } = mappings as { readonly properties?: object }
  if (Object.hasOwn(properties, field))
    check.fail('contentHash', 'a field that is not among the mappings, where it is added', field)
  return { ...mappings, properties: { ...properties, [field]: mapping } }
}

/** A hash of a document as JSON has it. It doesn't depend on the order of properties. */
export function contentHash(content: object): string {
  return createHash('sha256').update(JSON.stringify(content, inOrder)).digest('base64url')
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return Object.fromEntries(entries)
}
