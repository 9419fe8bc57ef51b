import type { Message } from '../ports/message.ts'
import { deadLetterHeaders as names, headerNames } from './headers.ts'
import { isIsoTime, toIsoTime } from './iso-time.ts'

/** The reason why a message became a dead letter, without any row data. */
export interface DeadLetterReason {
  /** A `KtErrorCode`, such as `KT_DOCUMENT_REJECTED`. */
  readonly code: string
  /** The search engine's HTTP status for the item, if there is one. */
  readonly status?: number
  /** The search engine's error type, such as `document_parsing_exception`. */
  readonly type?: string
  /** The id of the record, if the message could be parsed. */
  readonly id?: string
  /** The number of attempts. */
  readonly attempts: number
}

/** The message for the dead-letter topic: the original value, with its origin and the reason in the headers. */
export interface DeadLetterMessage {
  readonly topic: string
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, string>>
}

/** The name of a topic's dead-letter topic: `<topic>.dead-letter`. */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dead-letter`
}

/** Creates the dead letter of `message`. */
export function toDeadLetter(
  message: Message,
  reason: DeadLetterReason,
  now: number = Date.now(),
): DeadLetterMessage {
  const { status, type, id } = reason
  return {
    topic: deadLetterTopic(message.topic),
    key: message.key,
    value: message.value,
    headers: {
      ...keptHeaders(message),
      [names.topic]: message.topic,
      [names.partition]: String(message.partition),
      [names.offset]: String(message.offset),
      [names.code]: reason.code,
      ...(status !== undefined && { [names.status]: String(status) }),
      ...(type !== undefined && { [names.type]: type }),
      ...(id !== undefined && { [names.id]: id }),
      [names.attempts]: String(reason.attempts),
      [names.firstSeen]: firstSeen(message),
      [names.givenUp]: toIsoTime(now),
    },
  }
}

/**
 * Headers that identify the change. `kt-delayed` is left out, because a message that is put back doesn't come from a
 * Delayer.
 */
const kept = [
  headerNames.changeId,
  headerNames.changed,
  headerNames.delayMs,
  headerNames.cascade,
  headerNames.origins,
  headerNames.traceparent,
]

function keptHeaders({ headers }: Message): Record<string, string> {
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** A message that was put back and failed again keeps its first time. */
function firstSeen({ headers, timestampMs }: Message): string {
  const before = headers[headerNames.firstSeen]
  return isIsoTime(before) ? before : toIsoTime(timestampMs)
}
