import { decodeDeadLetter, headerNames } from '@kt/core'
import type { DeadLetter, Message, ProduceOptions } from '@kt/core'

/** A message to be produced. */
export interface PutBack {
  readonly value: Uint8Array | null
  readonly options: ProduceOptions
}

/** The letter in a message of a dead-letter topic; undefined when it is none, or not one of `topic`. */
export function readLetter(message: Message, topic: string): DeadLetter | undefined {
  try {
    const letter = decodeDeadLetter(message)
    return letter.topic === topic ? letter : undefined
  } catch {
    // The one thing it throws is KT_DEAD_LETTER_INVALID, which says no more than that.
    return undefined
  }
}

const copied = [headerNames.cascade, headerNames.traceparent]

/**
 * The message as it was, for its own topic. Without its change id: a worker that remembers having indexed this change
 * must not skip it, since it is here because something was wrong.
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

/** The letter as it is, for the end of its partition. */
export function kept({ topic, partition, key, value, headers }: Message): PutBack {
  return { value, options: { topic, partition, key, headers } }
}
