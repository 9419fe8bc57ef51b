import { KtError } from '../errors/kt-error.ts'
import { isJsonObject, parseJson } from './json.ts'
import type { JsonObject, JsonValue } from './json.ts'
import { plainId } from './plain-id.ts'
import { toRecordKey } from './record-id.ts'

/** The payload of an instant message: the changed record. Its JSON is the message's value, at least `{"id":1}`. */
export interface Payload extends JsonObject {
  /** The primary key; a string if it doesn't fit a JSON number. */
  readonly id: string | number
}

/**
 * Foreign keys that the record no longer has, by attribute: the old parents of a moved record, and the parents of a
 * deleted one. The database no longer knows them. They are in the payload's field `references`.
 */
export type References = Readonly<Record<string, readonly (string | number)[]>>

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Encodes the value of an instant message. */
export function encodePayload(payload: Payload): string {
  return JSON.stringify(payload)
}

/**
 * Decodes the value of an instant message.
 *
 * @throws KtError `KT_PAYLOAD_INVALID` when the value is null, not UTF-8, not JSON, or has no usable `id`; the message
 *   does not quote it
 */
export function decodePayload(value: Uint8Array | string | null): Payload {
  const id = value instanceof Uint8Array ? plainId(value) : undefined
  if (id !== undefined) return { id }
  return toPayload(decodeJson(value, 'KT_PAYLOAD_INVALID'))
}

/**
 * Checks that a JSON value is a payload.
 *
 * @throws KtError `KT_PAYLOAD_INVALID`
 */
export function toPayload(json: JsonValue | undefined): Payload {
  if (!isJsonObject(json)) throw invalid('KT_PAYLOAD_INVALID', 'is not a JSON object')
  if (!Object.hasOwn(json, 'id') || toRecordKey(json['id']) === undefined) throw invalidId()
  return json as Payload
}

/** @internal */
export function invalidId(): KtError {
  return invalid('KT_PAYLOAD_INVALID', 'has no "id" that is a string of at most 512 bytes or a whole number')
}

/** The id of a payload's record, as a string. */
export function payloadKey(payload: Payload): string {
  return toRecordKey(payload.id) ?? ''
}

/** The `references` of a payload, with ids as strings; `{}` if it has none or they are malformed. */
export function payloadReferences(payload: Payload): Readonly<Record<string, readonly string[]>> {
  const references = payload['references']
  if (!isJsonObject(references)) return {}
  const entries = Object.entries(references).map(([name, ids]) => {
    const list: readonly JsonValue[] = Array.isArray(ids) ? ids : []
    return [name, list.map(toRecordKey).filter((id) => id !== undefined)] as const
  })
  return Object.fromEntries(entries)
}

/** @internal */
export function decodeJson(
  value: Uint8Array | string | null,
  code: 'KT_PAYLOAD_INVALID' | 'KT_DELAY_MESSAGE_INVALID',
): JsonValue {
  if (value === null) throw invalid(code, 'is null')
  try {
    return parseJson(typeof value === 'string' ? value : decoder.decode(value))
  } catch {
    // Don't keep the parser's own error as the cause, because it quotes the value.
    throw invalid(code, 'is not JSON in UTF-8')
  }
}

/** @internal */
export function invalid(code: 'KT_PAYLOAD_INVALID' | 'KT_DELAY_MESSAGE_INVALID', what: string): KtError {
  return new KtError(code, `The message value ${what}`, { retryable: false })
}
