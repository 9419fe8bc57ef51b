import type { Message } from '../ports/message.ts'
import { isJsonObject } from './json.ts'
import type { JsonValue } from './json.ts'
import { decodeJson, encodePayload, invalidId, payloadKey, toPayload } from './payload.ts'
import type { Payload } from './payload.ts'
import { plainId } from './plain-id.ts'
import { toRecordKey } from './record-id.ts'

/**
 * The value of a message about many records: their ids, `{"ids":[1,2]}`, and nothing else. The Ruby gem doesn't know
 * it. Its key, if any, is that of its first record. All its records belong to the same partition.
 */
export interface RecordList {
  readonly ids: readonly Payload['id'][]
}

export function encodeRecordList(ids: readonly Payload['id'][]): string {
  return JSON.stringify({ ids })
}

/**
 * Decodes the value of an instant message: a payload or a list of records.
 *
 * @throws KtError `KT_PAYLOAD_INVALID` when it is neither, or the list contains an invalid id; the message does not
 *   quote it
 */
export function decodeNamed(value: Uint8Array | string | null): Payload | RecordList {
  const id = value instanceof Uint8Array ? plainId(value) : undefined
  if (id !== undefined) return { id }
  return toNamed(decodeJson(value, 'KT_PAYLOAD_INVALID'))
}

/**
 * Checks that a JSON value is a payload or a list of records.
 *
 * @throws KtError `KT_PAYLOAD_INVALID`
 * @internal
 */
export function toNamed(json: JsonValue | undefined): Payload | RecordList {
  return isList(json) ? { ids: json.ids.map(toId) } : toPayload(json)
}

export function isRecordList(named: Payload | RecordList): named is RecordList {
  return !('id' in named)
}

/** Expands a message with many records to one message per record, each as if it had been sent separately. */
export function messagesOfList(message: Message, { ids }: RecordList): readonly Message[] {
  const { topic, partition, offset, headers, timestampMs } = message
  const place = { topic, partition, offset, headers, timestampMs }
  return ids.map((id) => new ListedMessage(place, id))
}

class ListedMessage implements Message {
  readonly #place: Omit<Message, 'key' | 'value'>
  readonly #id: Payload['id']

  constructor(place: Omit<Message, 'key' | 'value'>, id: Payload['id']) {
    this.#place = place
    this.#id = id
  }

  get topic(): string {
    return this.#place.topic
  }

  get partition(): number {
    return this.#place.partition
  }

  get offset(): bigint {
    return this.#place.offset
  }

  get headers(): Message['headers'] {
    return this.#place.headers
  }

  get timestampMs(): number {
    return this.#place.timestampMs
  }

  get key(): string {
    return toRecordKey(this.#id) ?? ''
  }

  get value(): Uint8Array {
    return encoder.encode(encodePayload({ id: this.#id }))
  }
}

const encoder = new TextEncoder()

/** The keys of the records in a message; none if its value is no payload. */
export function namedKeys(value: Uint8Array | null): readonly string[] {
  try {
    const named = decodeNamed(value)
    return isRecordList(named) ? named.ids.map(String) : [payloadKey(named)]
  } catch {
    // The Indexer makes it a dead letter.
    return []
  }
}

function isList(json: JsonValue | undefined): json is { readonly ids: readonly JsonValue[] } {
  return isJsonObject(json) && !Object.hasOwn(json, 'id') && Array.isArray(json['ids'])
}

/** @throws KtError `KT_PAYLOAD_INVALID` */
function toId(json: JsonValue): Payload['id'] {
  if (toRecordKey(json) === undefined) throw invalidId()
  return json as Payload['id']
}
