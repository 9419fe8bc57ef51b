import type { FetchedMessage } from './records/fetched-message.ts'

/** What one fetch brought of a partition. */
export interface Chunk {
  readonly messages: readonly FetchedMessage[]
  /**
   * The offset after the fetched range. It may lie beyond the last message: transaction markers and compacted messages
   * take offsets too, and a commit that left them out would never reach the end of the topic.
   */
  readonly endOffset: bigint
}

interface Held {
  readonly messages: readonly FetchedMessage[]
  endOffset: bigint
  index: number
}

/** The fetched messages of a partition that are not handled yet, in order. */
export class PartitionBuffer {
  readonly #chunks: Held[] = []
  #bytes = 0

  /** About how much memory the messages take. */
  get bytes(): number {
    return this.#bytes
  }

  push(chunk: Chunk): void {
    this.#chunks.push({ ...chunk, index: 0 })
    for (const message of chunk.messages) this.#bytes += message.size
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
  peek(count: number): FetchedMessage[] {
    const messages: FetchedMessage[] = []
    for (const chunk of this.#chunks) {
      for (let index = chunk.index; index < chunk.messages.length; index += 1) {
        const message = chunk.messages[index]
        if (messages.length === count || !message) return messages
        messages.push(message)
      }
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
      const chunk = this.#chunks[0]
      if (!chunk) throw new RangeError('more messages dropped than there are')
      const end = Math.min(chunk.messages.length, chunk.index + left)
      for (const message of chunk.messages.slice(chunk.index, end)) this.#bytes -= message.size
      left -= end - chunk.index
      chunk.index = end
      const last = chunk.messages[end - 1]
      if (end === chunk.messages.length) {
        next = chunk.endOffset
        this.#chunks.shift()
      } else if (last) next = last.offset + 1n
    }
    return next
  }

  clear(): void {
    this.#chunks.length = 0
    this.#bytes = 0
  }
}
