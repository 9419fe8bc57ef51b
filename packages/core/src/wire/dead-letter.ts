import type { Message } from '../ports/message.ts'
import { headerNames } from './headers.ts'

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
export interface DeadLetter {
  readonly topic: string
  readonly key: string | null
  readonly value: Uint8Array | null
  readonly headers: Readonly<Record<string, string>>
}

/** `<topic>.dead-letter` */
export function deadLetterTopic(topic: string): string {
  return `${topic}.dead-letter`
}

/** The dead letter for `message`. */
export function toDeadLetter(
  message: Message,
  reason: DeadLetterReason,
  now: number = Date.now(),
): DeadLetter {
  const changeId = message.headers[headerNames.changeId]
  return {
    topic: deadLetterTopic(message.topic),
    key: message.key,
    value: message.value,
    headers: {
      ...(changeId !== undefined && { [headerNames.changeId]: changeId }),
      'kt-dead-topic': message.topic,
      'kt-dead-partition': String(message.partition),
      'kt-dead-offset': String(message.offset),
      'kt-dead-code': reason.code,
      ...(reason.status !== undefined && { 'kt-dead-status': String(reason.status) }),
      ...(reason.type !== undefined && { 'kt-dead-type': reason.type }),
      ...(reason.id !== undefined && { 'kt-dead-id': reason.id }),
      'kt-dead-attempts': String(reason.attempts),
      'kt-dead-at': new Date(now).toISOString(),
    },
  }
}
