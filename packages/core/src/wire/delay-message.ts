import { isJsonObject } from './json.ts'
import { decodeJson, invalid } from './payload.ts'
import type { Payload } from './payload.ts'
import { toNamed } from './record-list.ts'
import type { RecordList } from './record-list.ts'
import { isTopicName } from '../internal/topic-name.ts'

/**
 * A message of a delay topic: the changed records, and the topic that the Delayer re-sends them to when it comes due.
 */
export interface DelayMessage {
  readonly payload: Payload | RecordList
  /** The topic of the model, which the Delayer re-sends the payload to. */
  readonly topic: string
  /**
   * When the message was created, in whole epoch milliseconds; 0 if unknown. Meant for the Ruby gem. The Delayer uses
   * the record's timestamp.
   */
  readonly createdAtMs: number
}

/** Encodes a delay message as the Ruby gem does: `{"payload":…,"created_at":<epoch seconds>,"topic":…}`. */
export function encodeDelayMessage({ payload, topic, createdAtMs }: DelayMessage): string {
  return delayMessageEncoder(topic, createdAtMs)(JSON.stringify(payload))
}

/** Creates an encoder for many payloads that were already encoded by `encodePayload`. */
export function delayMessageEncoder(topic: string, createdAtMs: number): (payload: string) => string {
  const end = `,"created_at":${createdAtMs / 1_000},"topic":${JSON.stringify(topic)}}`
  return (payload) => `{"payload":${payload}${end}`
}

/**
 * Decodes the value of a delay message. Its topic is checked by {@link isTopicName}.
 *
 * @throws KtError `KT_DELAY_MESSAGE_INVALID` or `KT_PAYLOAD_INVALID`; the message does not quote the value
 */
export function decodeDelayMessage(value: Uint8Array | string | null): DelayMessage {
  const json = decodeJson(value, 'KT_DELAY_MESSAGE_INVALID')
  if (!isJsonObject(json)) throw invalid('KT_DELAY_MESSAGE_INVALID', 'is not a JSON object')
  const { topic, created_at: createdAt } = json
  if (!isTopicName(topic)) throw invalid('KT_DELAY_MESSAGE_INVALID', 'has no valid "topic"')
  return {
    payload: toNamed(json['payload']),
    topic,
    createdAtMs:
      typeof createdAt === 'number' && Number.isFinite(createdAt) ? Math.round(createdAt * 1_000) : 0,
  }
}
