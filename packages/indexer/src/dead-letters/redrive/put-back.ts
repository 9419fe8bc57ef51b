import { decodeDeadLetter, headerNames } from '@kt/core'
import type { DeadLetter, Message, ProduceOptions } from '@kt/core'

/** A message to produce. */
export interface PutBack {
  readonly value: Uint8Array | null
  readonly options: ProduceOptions
}

/** The letter in a message of a dead-letter topic; undefined if it is none, or not from `topic`. */
export function readLetter(message: Message, topic: string): DeadLetter | undefined {
  try {
    const letter = decodeDeadLetter(message)
    return letter.topic === topic ? letter : undefined
  } catch {
    // It throws only KT_DEAD_LETTER_INVALID, which has no further details.
    return undefined
  }
}

const copied = [headerNames.cascade, headerNames.origins, headerNames.traceparent]

/**
 * The original message, for its own topic. Without its change id, so that a worker that remembers the change as indexed
 * does not skip it.
 */
export function redriven(message: Message, letter: DeadLetter): PutBack {
  const headers: Record<string, string> = {
    [headerNames.firstSeen]: new Date(letter.firstSeenMs).toISOString(),
  }
  for (const name of copied) {
    const value = message.headers[name]
    if (value !== undefined) headers[name] = value
  }
  return { value: letter.value, options: { topic: letter.topic, key: letter.key, headers } }
}

/** The unchanged letter, for the end of its partition. */
export function kept({ topic, partition, key, value, headers }: Message): PutBack {
  return { value, options: { topic, partition, key, headers } }
}
