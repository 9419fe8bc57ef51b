import type { Message } from '@kt/core'
import type { StoredMessage } from './topic.ts'

/** Copies a message, so that a handler can't change what others get. */
export function deliveredMessage(stored: StoredMessage, timestampMs: number): Message {
  const { topic, partition, offset, key, value, headers } = stored
  return {
    topic,
    partition,
    offset,
    key,
    value: value && Buffer.from(value),
    headers: { ...headers },
    timestampMs,
  }
}
