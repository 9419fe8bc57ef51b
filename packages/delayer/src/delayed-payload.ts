import { decodeDelayMessage, isRecordList, payloadKey } from '@kt/core'
import { isTopicName } from '@kt/core/internal'
import type { Message } from '@kt/core'

/** The message inside a delay message. */
export interface DelayedPayload {
  readonly topic: string
  readonly key: string | null
  /** The payload's JSON. */
  readonly value: string
}

/** A delay message of `@kt/sequelize-stream` whose payload is nothing but an id. */
const idOnly =
  /^\{"payload":(\{"id":(?:(0|[1-9]\d{0,14})|"([\w-]{1,64})")\}),"created_at":\d+(?:\.\d+)?,"topic":"([\w.-]+)"\}$/

const decoder = new TextDecoder()

/**
 * Reads a delay message. Nearly all have the form above. Their parts are cut out of the text, because parsing them and
 * encoding the payload again takes five times as long, as much as all other work of the Delayer on a message.
 *
 * @throws KtError `KT_DELAY_MESSAGE_INVALID` or `KT_PAYLOAD_INVALID`
 */
export function delayedPayload({ key, value }: Message): DelayedPayload {
  const [, json, number, text, name] = (value && idOnly.exec(decoder.decode(value))) ?? []
  if (json !== undefined && isTopicName(name))
    return { topic: name, key: number ?? text ?? null, value: json }
  const { topic, payload } = decodeDelayMessage(value)
  // A list keeps its key, and so the partition that its sender chose.
  return { topic, key: isRecordList(payload) ? key : payloadKey(payload), value: JSON.stringify(payload) }
}
