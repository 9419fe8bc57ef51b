import type { MessageBatch, MessageProducer, ProduceOptions } from '@kt/core'

export interface Produced extends ProduceOptions {
  readonly value: string | Uint8Array | null
}

/** Records the messages of all calls. If `refuse` returns an error for a message, its whole call fails. */
export class MemoryProducer implements MessageProducer {
  readonly produced: Produced[] = []
  /** Number of messages in each call. */
  readonly calls: number[] = []
  refuse: (message: Produced) => Error | undefined = () => undefined

  async produce(value: Produced['value'], options: ProduceOptions): Promise<void> {
    await this.batch((batch) => batch.produce(value, options))
  }

  async batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T> {
    const messages: Produced[] = []
    const result = await fill({ produce: (value, options) => void messages.push({ value, ...options }) })
    const error = messages.map(this.refuse).find((each) => each !== undefined)
    if (error !== undefined) throw error
    this.calls.push(messages.length)
    this.produced.push(...messages)
    return result
  }

  to(topic: string): readonly Produced[] {
    return this.produced.filter((message) => message.topic === topic)
  }
}
