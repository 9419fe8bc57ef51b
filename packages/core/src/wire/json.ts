export type JsonValue = string | number | boolean | null | JsonObject | readonly JsonValue[]

export interface JsonObject {
  readonly [key: string]: JsonValue
}

const longInteger = /\d{16}/
/**
 * Matches a string, to skip its contents, or a whole number that is a value, and not part of a fraction or exponent.
 */
const stringOrLongInteger = /"[^"\\]*(?:\\.[^"\\]*)*"|(?<![\d.eE+-])-?[1-9]\d{15,}(?=\s*(?:[,}\]]|$))/g

/**
 * Parses JSON like `JSON.parse`, except that whole numbers beyond 2^53 become strings. The Ruby gem writes a BIGINT key
 * as a JSON number. Rounding it would index, or delete, another record.
 *
 * @throws SyntaxError when `text` is not JSON
 */
export function parseJson(text: string): JsonValue {
  const parsed = JSON.parse(text) as JsonValue
  // Only valid JSON reaches the expression below. On unterminated strings it would search for ever.
  if (!longInteger.test(text)) return parsed
  const quoted = text.replace(stringOrLongInteger, (token) =>
    token.startsWith('"') || Number.isSafeInteger(Number(token)) ? token : `"${token}"`,
  )
  return JSON.parse(quoted) as JsonValue
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
