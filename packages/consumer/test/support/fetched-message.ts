import type { FetchedMessage } from '../../src/records/fetched-message.ts'

/** A message that takes 100 bytes. */
export function fetchedMessage(offset: number): FetchedMessage {
  return {
    topic: 'topic',
    partition: 0,
    offset: BigInt(offset),
    key: null,
    value: null,
    headers: {},
    timestampMs: 0,
    size: 100,
  }
}
