import type { Message } from '@kt/core'

/** The number of messages before the offset. They are in order. */
export function countBefore(messages: readonly Message[], offset: bigint): number {
  const index = messages.findIndex((message) => message.offset >= offset)
  return index === -1 ? messages.length : index
}
