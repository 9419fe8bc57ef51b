/** A primary key as databases and drivers return it: a BIGINT arrives as a string or a bigint. */
export type RecordId = string | number | bigint

/** Elasticsearch refuses an `_id` of more than 512 bytes. */
const maxBytes = 512

/**
 * Converts an id to a string, the only form in which ids are compared, keyed and indexed. Otherwise `1 !== '1'` would
 * delete live documents.
 *
 * @returns the id, or undefined when `value` can't be one: not a string, whole number or bigint; empty; an unsafe
 *   integer; longer than the 512 bytes that Elasticsearch allows
 */
export function toRecordKey(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') return Number.isSafeInteger(value) ? String(value) : undefined
  if (typeof value !== 'string' || value === '') return undefined
  // A UTF-16 unit takes at most three bytes, so short ids, nearly all of them, need no counting.
  if (value.length <= maxBytes / 3) return value
  return new TextEncoder().encode(value).length <= maxBytes ? value : undefined
}
