import type { Message } from '@kt/core'
import type { FetchedMessages } from './records/fetched-messages.ts'

/** What one fetch brought of a partition. */
export interface Chunk {
  readonly messages: FetchedMessages
  /** How many of the messages are not for this buffer. @defaultValue 0 */
  readonly seen?: number
  /**
   * The offset after the fetched range. It may lie beyond the last message: transaction markers and compacted messages
   * take offsets too, and a commit that left them out would never reach the end of the topic.
   */
  readonly endOffset: bigint
}

interface Held {
  readonly messages: FetchedMessages
  endOffset: bigint
  /** Of the first message that is left. */
  index: number
  /** What is left of its bytes. */
  bytes: number
}

/** The fetched messages of a partition that are not handled yet, in order. */
export class PartitionBuffer {
  readonly #chunks: Held[] = []
  #bytes = 0

  /** About how much memory the messages take. */
  get bytes(): number {
    return this.#bytes
  }

  push({ messages, endOffset, seen = 0 }: Chunk): void {
    const { bytes } = messages
    this.#chunks.push({ messages, endOffset, index: 0, bytes })
    this.#bytes += bytes
    if (seen > 0) this.#pass(this.#chunks.at(-1) as Held, seen)
  }

  /**
   * Notes that nothing but markers lies between the last message and `endOffset`.
   *
   * @returns whether there is a last message with whose commit this goes; else the caller may commit it at once
   */
  extend(endOffset: bigint): boolean {
    const last = this.#chunks.at(-1)
    if (last) last.endOffset = endOffset
    return last !== undefined
  }

  /** The first messages, at most `count`; they stay. */
  peek(count: number): Message[] {
    const messages: Message[] = []
    for (const { messages: fetched, index } of this.#chunks) {
      const left = count - messages.length
      if (left === 0) break
      for (const message of fetched.slice(index, index + left)) messages.push(message)
    }
    return messages
  }

  /**
   * Removes the first `count` messages, at least one.
   *
   * @returns the offset to commit for them
   */
  drop(count: number): bigint {
    let left = count
    let next = 0n
    while (left > 0) {
      const [chunk] = this.#chunks
      if (!chunk) throw new RangeError('more messages dropped than there are')
      const passed = Math.min(chunk.messages.length - chunk.index, left)
      left -= passed
      this.#pass(chunk, passed)
      if (chunk.index === chunk.messages.length) {
        next = chunk.endOffset
        this.#chunks.shift()
      } else {
        const [last] = chunk.messages.slice(chunk.index - 1, chunk.index)
        if (last) next = last.offset + 1n
      }
    }
    return next
  }

  clear(): void {
    this.#chunks.length = 0
    this.#bytes = 0
  }

  /** Their sizes are not known one by one: they count as equal. */
  #pass(chunk: Held, count: number): void {
    const bytes = Math.round((chunk.bytes * count) / (chunk.messages.length - chunk.index))
    chunk.index += count
    chunk.bytes -= bytes
    this.#bytes -= bytes
  }
}
