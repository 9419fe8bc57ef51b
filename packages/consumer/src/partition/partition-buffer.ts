import type { Message } from '@kt/core'
import type { KafkaMessage } from 'kafkajs'
import { FetchedMessage } from './fetched-message.ts'

/** The result of one fetch for one partition. */
export interface Chunk {
  readonly messages: readonly KafkaMessage[]
  /**
   * The offset after the fetched range. It may be beyond the last message, because transaction markers and compacted
   * messages have offsets too. Without them a commit would never reach the end of the topic.
   */
  readonly endOffset: bigint
}

interface BufferedChunk {
  readonly messages: readonly KafkaMessage[]
  /**
   * The average bytes of a message. Measuring each one again when it is dropped would cost as much as the first time.
   */
  readonly bytesEach: number
  endOffset: bigint
  /** The index of the first message that is left. */
  index: number
}

/** The measured memory that a kafkajs message, and each of its headers, takes in addition to its bytes. */
const overheadBytes = 400
const headerOverheadBytes = 100

/** The fetched messages of a partition that are not handled yet, in order of their offsets. */
export class PartitionBuffer {
  readonly #topic: string
  readonly #partition: number
  readonly #chunks: BufferedChunk[] = []

  constructor(topic: string, partition: number) {
    this.#topic = topic
    this.#partition = partition
  }

  /** The approximate memory of the messages. */
  get bytes(): number {
    let bytes = 0
    for (const { messages, index, bytesEach } of this.#chunks) bytes += (messages.length - index) * bytesEach
    return bytes
  }

  push({ messages, endOffset }: Chunk): void {
    let bytes = 0
    for (const message of messages) bytes += sizeOf(message)
    this.#chunks.push({ messages, bytesEach: bytes / messages.length, endOffset, index: 0 })
  }

  /**
   * Records that there are only transaction markers between the last message and `endOffset`.
   *
   * @returns whether a buffered message will be committed with it; otherwise the caller may commit it at once
   */
  extend(endOffset: bigint): boolean {
    const last = this.#chunks.at(-1)
    if (last) last.endOffset = endOffset
    return last !== undefined
  }

  /** Returns the first messages, at most `count`, without removing them. */
  peek(count: number): Message[] {
    const found: Message[] = []
    for (const { messages, index } of this.#chunks) {
      const end = Math.min(messages.length, index + count - found.length)
      for (const message of messages.slice(index, end))
        found.push(new FetchedMessage(this.#topic, this.#partition, message))
      if (found.length === count) break
    }
    return found
  }

  /**
   * Removes the first `count` messages, at least one.
   *
   * @returns the offset to commit for them
   */
  drop(count: number): bigint {
    let next = 0n
    for (let left = count; left > 0;) {
      const [chunk] = this.#chunks
      if (!chunk) throw new RangeError('Cannot drop more messages than are buffered')
      const dropped = Math.min(left, chunk.messages.length - chunk.index)
      chunk.index += dropped
      left -= dropped
      const isDone = chunk.index === chunk.messages.length
      next = isDone ? chunk.endOffset : BigInt(chunk.messages[chunk.index - 1]?.offset ?? 0) + 1n
      if (isDone) this.#chunks.shift()
    }
    return next
  }

  clear(): void {
    this.#chunks.length = 0
  }
}

function sizeOf({ key, value, headers = {} }: KafkaMessage): number {
  let bytes = overheadBytes + (key?.length ?? 0) + (value?.length ?? 0)
  for (const name of Object.keys(headers)) {
    const header = headers[name]
    if (!Array.isArray(header)) bytes += headerOverheadBytes + (header?.length ?? 0)
    else for (const each of header) bytes += headerOverheadBytes + each.length
  }
  return bytes
}
