import type { Message } from '@kt/core'
import type { FetchedMessages } from '../../src/records/fetched-messages.ts'

function fetchedMessage(offset: number): Message {
  return {
    topic: 'topic',
    partition: 0,
    offset: BigInt(offset),
    key: null,
    value: null,
    headers: {},
    timestampMs: 0,
  }
}

/** Messages with these offsets, each of which takes 100 bytes. */
export function fetchedMessages(...offsets: readonly number[]): FetchedMessages {
  const messages = offsets.map(fetchedMessage)
  const { length } = messages
  return { length, bytes: 100 * length, slice: (from, to) => messages.slice(from, to) }
}
