import type { Message } from '../ports/message.ts'
import { deadLetterHeaders as names, headerNames } from './headers.ts'
import { isIsoTime, toIsoTime } from './iso-time.ts'

/** Why a message was given up, without any row data. */
export interface DeadLetterReason {
  /** A code of ours, such as `KT_DOCUMENT_REJECTED`. */
  readonly code: string
  /** The search engine's HTTP status for the item, where it came that far. */
  readonly status?: number
  /** The search engine's error type, such as `document_parsing_exception`. */
  readonly type?: string
  /** The id of the record, where the message could be parsed. */
  readonly id?: string
  /** How often it was tried. */
  readonly attempts: number
}

/** What is produced to the dead-letter topic: the value as it came, and in the headers where it came from and why. */
export interface DeadLetterMessage {
  readonly topic: string
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, string>>
}

/** `<topic>.dead-letter` */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dead-letter`
}

/** The message with which `message` is put on its dead-letter topic. */
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

/** What tells of the change; `kt-delayed` is left out, since whoever puts the message back is no Delayer. */
const kept = [headerNames.changeId, headerNames.cascade, headerNames.traceparent]

function keptHeaders({ headers }: Message): Record<string, string> {
  return Object.fromEntries(
    kept.flatMap((name) => {
      const value = headers[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

/** One that was put back and failed again was first seen long before. */
function firstSeen({ headers, timestampMs }: Message): string {
  const before = headers[headerNames.firstSeen]
  return isIsoTime(before) ? before : toIsoTime(timestampMs)
}
