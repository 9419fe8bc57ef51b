import { headerNames, KtError } from '@kt/core'
import type { IsOpen, Message, ProduceOptions } from '@kt/core'
import { delayedPayload } from './delayed-payload.ts'

/** A message to send, and its delay message. */
export interface Resend {
  readonly value: string | Uint8Array | null
  readonly options: ProduceOptions
  readonly source: Message
}

export interface Unreadable {
  readonly source: Message
  readonly code: KtError['code']
}

const copiedHeaders = [
  headerNames.changeId,
  headerNames.changed,
  headerNames.cascade,
  headerNames.origins,
  headerNames.traceparent,
]

/**
 * Converts a due delay message to the messages to send: its payload for its target topic, and a copy for the next delay
 * topic. While its transaction is open, only a copy for the same delay topic.
 */
export function toResends(
  source: Message,
  delayTopic: string | undefined,
  isOpen?: IsOpen,
): readonly Resend[] | Unreadable {
  try {
    const { topic, key, value } = delayedPayload(source)
    // The target must not be a delay topic: the re-sent payload is no delay message, and would end as a dead letter.
    if (topic === source.topic || topic === delayTopic) return { source, code: 'KT_DELAY_MESSAGE_INVALID' }
    const headers = copied(source.headers, { [headerNames.delayed]: '1' })
    const resend = { value, options: { topic, key, headers }, source }
    const delayAgain = (by: string): Resend => ({
      value: source.value,
      options: { topic: by, key: source.key ?? key, headers: copied(source.headers, delayOf(source)) },
      source,
    })
    const changeId = source.headers[headerNames.changeId]
    if (changeId !== undefined && isOpen?.(changeId)) return [delayAgain(source.topic)]
    return delayTopic === undefined ? [resend] : [resend, delayAgain(delayTopic)]
  } catch (error) {
    return { source, code: KtError.isInstance(error) ? error.code : 'KT_DELAY_MESSAGE_INVALID' }
  }
}

/** A copy for a delay topic is still relied on. */
function delayOf({ headers }: Message): Record<string, string> {
  const delayMs = headers[headerNames.delayMs]
  return delayMs === undefined ? {} : { [headerNames.delayMs]: delayMs }
}

function copied(headers: Message['headers'], result: Record<string, string> = {}): Record<string, string> {
  for (const name of copiedHeaders) {
    const value = headers[name]
    if (value !== undefined) result[name] = value
  }
  return result
}
