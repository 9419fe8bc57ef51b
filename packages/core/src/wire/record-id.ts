/** A primary key as databases and drivers hand it out: a BIGINT arrives as a string, or as a bigint. */
export type RecordId = string | number | bigint

/** Elasticsearch refuses an `_id` of more than 512 bytes. */
const maxBytes = 512

/**
 * The one form in which ids are compared, keyed and indexed: a string. `1 !== '1'` would otherwise delete live
 * documents.
 *
 * @returns the id, or undefined when `value` can't be one: not a string, whole number or bigint; empty; unsafe
 *   to represent; longer than the 512 bytes that Elasticsearch allows.
 */
export function toRecordKey(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value !== 'string' || value === '') return undefined
  // A UTF-16 unit takes at most three bytes: short ids, nearly all of them, need no counting.
  if (value.length <= maxBytes / 3) return value
  return new TextEncoder().encode(value).length <= maxBytes ? value : undefined
}
