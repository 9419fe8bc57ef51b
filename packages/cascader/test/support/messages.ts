import { encodePayload } from '@kt/core'
import type { Message, Payload } from '@kt/core'

/** Builds an instant message. `cascade` is the chain of Cascaders that it has passed. */
export function message(payload: Payload | string, cascade?: string): Message {
  const text = typeof payload === 'string' ? payload : encodePayload(payload)
  return {
    topic: 'countries',
    partition: 0,
    offset: 0n,
    key: null,
    value: new TextEncoder().encode(text),
    headers: cascade === undefined ? {} : { 'kt-cascade': cascade },
    timestampMs: 0,
  }
}
