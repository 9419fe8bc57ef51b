import { KtError } from '../errors/kt-error.ts'
import type { Message } from '../ports/message.ts'
import type { DeadLetterReason } from './dead-letter.ts'
import { deadLetterHeaders as names, headerNames } from './headers.ts'
import { isIsoTime } from './iso-time.ts'
import { isTopicName } from '../internal/topic-name.ts'

/** A dead letter: the original message, its origin, and the reason. */
export interface DeadLetter extends DeadLetterReason {
  /** The original topic, partition and offset of the message. */
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
  /** The original key and value. */
  readonly key: string | null
  readonly value: Uint8Array | null
  /** Identifies the change that the message reported. */
  readonly changeId?: string
  /** When the message first entered Kafka, in epoch milliseconds. */
  readonly firstSeenMs: number
  /** When it became a dead letter, in epoch milliseconds. */
  readonly givenUpMs: number
}

/**
 * Decodes a message of a dead-letter topic.
 *
 * @throws KtError `KT_DEAD_LETTER_INVALID` when these packages did not create it; the message quotes no header
 */
export function decodeDeadLetter({ key, value, headers }: Message): DeadLetter {
  const read = <T>(name: string, parse: (text: string) => T | undefined): T => {
    const parsed = optional(headers, name, parse)
    if (parsed === undefined) throw invalid(name)
    return parsed
  }
  const status = optional(headers, names.status, toCount)
  const type = optional(headers, names.type, String)
  const id = optional(headers, names.id, String)
  const changeId = optional(headers, headerNames.changeId, String)
  return {
    topic: read(names.topic, (text) => (isTopicName(text) ? text : undefined)),
    partition: read(names.partition, toCount),
    offset: read(names.offset, (text) => (/^\d{1,19}$/.test(text) ? BigInt(text) : undefined)),
    key,
    value,
    code: read(names.code, (text) => (/^KT_[A-Z_]{1,60}$/.test(text) ? text : undefined)),
    ...(status !== undefined && { status }),
    ...(type !== undefined && { type }),
    ...(id !== undefined && { id }),
    ...(changeId !== undefined && { changeId }),
    attempts: read(names.attempts, toCount),
    firstSeenMs: read(names.firstSeen, toTime),
    givenUpMs: read(names.givenUp, toTime),
  }
}

function optional<T>(
  headers: Message['headers'],
  name: string,
  parse: (text: string) => T | undefined,
): T | undefined {
  const text: unknown = Object.hasOwn(headers, name) ? headers[name] : undefined
  return typeof text === 'string' ? parse(text) : undefined
}

function toCount(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) ? Number(text) : undefined
}

function toTime(text: string): number | undefined {
  return isIsoTime(text) ? Date.parse(text) : undefined
}

function invalid(header: string): KtError<'KT_DEAD_LETTER_INVALID'> {
  return new KtError(
    'KT_DEAD_LETTER_INVALID',
    `The message is not a dead letter: its header "${header}" is missing or malformed`,
    { retryable: false },
  )
}
