export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[]

export interface JsonObject {
  readonly [key: string]: JsonValue
}

const longInteger = /\d{16}/
/** A string, to step over what is in it; or a whole number as a value, which is no part of a fraction or exponent. */
const stringOrLongInteger = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?[1-9]\d{15,}(?=\s*(?:[,}\]]|$))/g

/**
 * `JSON.parse`, except that whole numbers beyond 2^53 become strings. The Ruby gem writes a BIGINT key as a JSON
 * number; rounding it would index, or delete, another record.
 *
 * @throws SyntaxError when `text` is not JSON.
 */
export function parseJson(text: string): JsonValue {
  const parsed = JSON.parse(text) as JsonValue
  // Only what is JSON comes to the expression below: on strings that don't end it would search for ever.
  if (!longInteger.test(text)) return parsed
  const quoted = text.replace(stringOrLongInteger, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  )
  return JSON.parse(quoted) as JsonValue
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
