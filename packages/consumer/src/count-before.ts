import type { Message } from '@kt/core'

/** How many of the messages, which are in order, come before the offset. */
export function countBefore(messages: readonly Pick<Message, 'offset'>[], offset: bigint): number {
  const index = messages.findIndex((message) => message.offset >= offset)
  return index === -1 ? messages.length : index
}
