import type { Message } from '@kt/core'
import { keyPartition } from './key-partition.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** A message in a topic. */
export interface StoredMessage extends Omit<Message, 'timestampMs' | 'value'> {
  readonly value: Buffer | null
  /** When it was written, by the broker's clock. */
  readonly writtenAtMs: number
}

/** A topic with its partitions. */
export class Topic {
  readonly name: string
  readonly #partitions: readonly StoredMessage[][]
  readonly #inOrder: StoredMessage[] = []
  #nextPartition = 0

  constructor(name: string, partitions: number) {
    this.name = name
    this.#partitions = Array.from({ length: partitions }, () => [])
  }

  /** All messages in the order in which they were written. */
  get messages(): readonly StoredMessage[] {
    return this.#inOrder
  }

  get partitionCount(): number {
    return this.#partitions.length
  }

  /** The offset of the next message of a partition. */
  end(partition: number): bigint {
    return BigInt(this.#partitions[partition]?.length ?? 0)
  }

  /** Up to `count` messages of a partition. */
  read(partition: number, from: bigint, count: number): readonly StoredMessage[] {
    const start = Number(from)
    return this.#partitions[partition]?.slice(start, start + count) ?? []
  }

  /** The partition of a message: the one that it names, that of its key, or the next one. */
  partitionOf({ partition, key }: OutgoingMessage): number {
    if (partition !== undefined) return partition
    if (key !== null) return keyPartition(key, this.partitionCount)
    return this.#nextPartition++ % this.partitionCount
  }

  append({ key, value, headers }: OutgoingMessage, partition: number, writtenAtMs: number): StoredMessage {
    const offset = this.end(partition)
    const stored = { topic: this.name, partition, offset, key, value, headers, writtenAtMs }
    this.#partitions[partition]?.push(stored)
    this.#inOrder.push(stored)
    return stored
  }
}
