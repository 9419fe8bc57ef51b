import { encodeDelayMessage } from '@kt/core'
import type { Message } from '@kt/core'

/** Builds a message of the delay topic `delay_5m`, partition 0. */
export function delayMessage(offset: number, fields: Partial<Message> & { to?: string } = {}): Message {
  const { to = 'cities', ...rest } = fields
  const text = encodeDelayMessage({ payload: { id: offset }, topic: to, createdAtMs: 0 })
  return {
    topic: 'delay_5m',
    partition: 0,
    offset: BigInt(offset),
    key: String(offset),
    value: new TextEncoder().encode(text),
    headers: {},
    timestampMs: 0,
    ...rest,
  }
}
