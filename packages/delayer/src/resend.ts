import { decodeDelayMessage, headerNames, isRecordList, KtError, payloadKey } from '@kt/core'
import type { IsOpen, Message, ProduceOptions } from '@kt/core'

/** One message to send, and the delay message that it stands for. */
export interface Resend {
  readonly value: string | Uint8Array | null
  readonly options: ProduceOptions
  readonly source: Message
}

export interface Unreadable {
  readonly source: Message
  readonly code: KtError['code']
}

const copiedHeaders = [headerNames.changeId, headerNames.cascade, headerNames.traceparent]

/**
 * What a due delay message becomes: its payload for the topic that it names, and itself for the next delay topic; or
 * itself for the same one while its transaction is open.
 */
export function toResends(
  source: Message,
  delayTopic: string | undefined,
  isOpen?: IsOpen,
): readonly Resend[] | Unreadable {
  try {
    const { topic, payload } = decodeDelayMessage(source.value)
    // What is re-sent is no delay message: it would come back only to be given up.
    if (topic === source.topic || topic === delayTopic) return { source, code: 'KT_DELAY_MESSAGE_INVALID' }
    // A list goes where the one who made it has put its records.
    const key = isRecordList(payload) ? source.key : payloadKey(payload)
    const headers = { [headerNames.delayed]: '1', ...copied(source.headers) }
    const resend = { value: JSON.stringify(payload), options: { topic, key, headers }, source }
    const heldBack = (by: string): Resend => ({
      value: source.value,
      options: { topic: by, key: source.key ?? key, headers: copied(source.headers) },
      source,
    })
    const changeId = source.headers[headerNames.changeId]
    if (changeId !== undefined && isOpen?.(changeId)) return [heldBack(source.topic)]
    return delayTopic === undefined ? [resend] : [resend, heldBack(delayTopic)]
  } catch (error) {
    return { source, code: KtError.isInstance(error) ? error.code : 'KT_DELAY_MESSAGE_INVALID' }
  }
}

function copied(headers: Message['headers']): Record<string, string> {
  const result: Record<string, string> = {}
  for (const name of copiedHeaders) {
    const value = headers[name]
    if (value !== undefined) result[name] = value
  }
  return result
}
