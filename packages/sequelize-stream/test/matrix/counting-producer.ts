import type { MessageBatch, MessageProducer, ProduceOptions } from '@kt/core'

interface Counts {
  readonly delays: number
  readonly instants: number
  /** Number of different records in the delay messages. */
  readonly keys: number
}

/** A producer that counts messages and keeps only their keys. */
export class CountingProducer implements MessageProducer {
  readonly #keys = new Set<string>()
  #delays = 0
  #instants = 0
  largestBatch = 0

  get counts(): Counts {
    return { delays: this.#delays, instants: this.#instants, keys: this.#keys.size }
  }

  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    await this.batch((batch) => batch.produce(value, options))
  }

  async batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T> {
    let size = 0
    const result = await fill({
      produce: (_, { topic, key }) => {
        size++
        if (topic === 'delay_5m') {
          this.#delays++
          this.#keys.add(key ?? '')
        } else this.#instants++
      },
    })
    this.largestBatch = Math.max(this.largestBatch, size)
    return result
  }

  reset(): void {
    this.#keys.clear()
    this.#delays = 0
    this.#instants = 0
    this.largestBatch = 0
  }
}
