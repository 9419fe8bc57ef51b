import { KtError } from '@kt/core'
import type {
  BatchOptions,
  KeyPartitioner,
  MessageBatch,
  MessageProducer,
  OffsetRange,
  ProduceOptions,
} from '@kt/core'
import type { Broker } from './broker.ts'
import { keyPartition } from './key-partition.ts'
import { outgoingMessage } from './outgoing-message.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** Writes to the topics in memory. Messages are there when the call returns, even before it is awaited. */
export class MemoryProducer implements MessageProducer, AsyncDisposable {
  readonly #broker: Broker
  #closed = false

  constructor(broker: Broker) {
    this.#broker = broker
  }

  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    const message = outgoingMessage(value, options)
    this.#refuseWhenClosed()
    this.#write([message])
  }

  async batch<T>(
    fill: (batch: MessageBatch) => T | Promise<T>,
    { onWritten }: BatchOptions = {},
  ): Promise<T> {
    this.#refuseWhenClosed()
    const messages = new Map<string, OutgoingMessage[]>()
    let sent = false
    const result = await fill({
      produce: (value, options) => {
        const message = outgoingMessage(value, options)
        if (sent) throw closed('The batch has already been sent')
        const sameTopic = messages.get(message.topic)
        if (sameTopic === undefined) messages.set(message.topic, [message])
        else sameTopic.push(message)
      },
    })
    sent = true
    this.#refuseWhenClosed()
    const failures: unknown[] = []
    for (const each of messages.values()) {
      try {
        this.#write(each, onWritten)
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
    return result
  }

  async ensureTopic(topic: string): Promise<void> {
    this.#refuseWhenClosed()
    this.#throwFaultOf(topic)
    this.#broker.topic(topic)
  }

  async keyPartitioner(topic: string): Promise<KeyPartitioner> {
    this.#refuseWhenClosed()
    this.#throwFaultOf(topic)
    const { partitionCount } = this.#broker.topic(topic)
    return (key) => keyPartition(key, partitionCount)
  }

  /** Later calls reject with `KT_CLOSED`. Idempotent. */
  async close(): Promise<void> {
    this.#closed = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  /** Writes messages of one topic. Those for unknown partitions are left out, and make the call fail. */
  #write(messages: readonly OutgoingMessage[], onWritten?: BatchOptions['onWritten']): void {
    const name = messages[0]?.topic ?? ''
    this.#throwFaultOf(name)
    const topic = this.#broker.topic(name)
    const ranges = new Map<number, OffsetRange>()
    let unknown: number | undefined
    for (const message of messages) {
      const partition = topic.partitionOf(message)
      if (partition >= topic.partitionCount) {
        unknown = partition
        continue
      }
      const offset = this.#broker.append(topic, message, partition)
      ranges.set(partition, { from: ranges.get(partition)?.from ?? offset, end: offset + 1n })
    }
    if (ranges.size > 0) onWritten?.(name, ranges)
    if (unknown !== undefined)
      throw new KtError('KT_PARTITION_UNKNOWN', `Topic "${name}" has no partition ${unknown}`, {
        retryable: false,
      })
  }

  #throwFaultOf(topic: string): void {
    const fault = this.#broker.faults.of(topic)
    if (fault !== undefined) throw fault
  }

  #refuseWhenClosed(): void {
    if (this.#closed) throw closed('The producer is closed')
  }
}

function closed(message: string): KtError {
  return new KtError('KT_CLOSED', message, { retryable: false })
}
