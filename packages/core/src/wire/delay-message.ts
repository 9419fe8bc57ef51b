import { isJsonObject } from './json.ts'
import { decodeJson, invalid } from './payload.ts'
import type { Payload } from './payload.ts'
import { toNamed } from './record-list.ts'
import type { RecordList } from './record-list.ts'
import { isTopicName } from './topic-name.ts'

/** What a delay topic holds back: which records changed, and the topic to which that is re-sent when it comes due. */
export interface DelayMessage {
  readonly payload: Payload | RecordList
  /** The topic of the model, to which the Delayer re-sends the payload. */
  readonly topic: string
  /**
   * When the message was made, in whole epoch milliseconds; 0 if it doesn't say. For the Ruby gem: ours go by the
   * record's timestamp.
   */
  readonly createdAtMs: number
}

/** The value of a delay message: `{"payload":…,"created_at":<epoch seconds>,"topic":…}`, as the Ruby gem has it. */
export function encodeDelayMessage({ payload, topic, createdAtMs }: DelayMessage): string {
  return delayMessageEncoder(topic, createdAtMs)(JSON.stringify(payload))
}

/** The same for many payloads that were encoded by `encodePayload`. */
export function delayMessageEncoder(topic: string, createdAtMs: number): (payload: string) => string {
  const end = `,"created_at":${createdAtMs / 1_000},"topic":${JSON.stringify(topic)}}`
  return (payload) => `{"payload":${payload}${end}`
}

/**
 * The delay message in a message's value. Its topic is one that messages may be sent to: see {@link isTopicName}.
 *
 * @throws KtError `KT_DELAY_MESSAGE_INVALID` or `KT_PAYLOAD_INVALID`; the message does not quote the value.
 */
export function decodeDelayMessage(value: Uint8Array | string | null): DelayMessage {
  const json = decodeJson(value, 'KT_DELAY_MESSAGE_INVALID')
  if (!isJsonObject(json)) throw invalid('KT_DELAY_MESSAGE_INVALID', 'is not a JSON object')
  const { topic, created_at: createdAt } = json
  if (!isTopicName(topic)) throw invalid('KT_DELAY_MESSAGE_INVALID', 'has no "topic" that may be sent to')
  return {
    payload: toNamed(json['payload']),
    topic,
    createdAtMs:
      typeof createdAt === 'number' && Number.isFinite(createdAt) ? Math.round(createdAt * 1_000) : 0,
  }
}
