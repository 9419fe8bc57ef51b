import type { MessageBatch, ProduceOptions } from '@kt/core'
import type { ResolvedCascaderOptions } from './options.ts'

export interface Target {
  readonly value: string
  readonly options: ProduceOptions & { readonly key: string }
}

/**
 * Gathers the messages of one import to batches, and sends one of them while the next is being gathered: finding records
 * and Kafka's acknowledgement both take their time.
 */
export class BatchSender {
  readonly #options: ResolvedCascaderOptions
  readonly #onFailure: (error: unknown) => void
  #batch: Target[] = []
  #underWay: Promise<void> | undefined
  #count = 0

  /** @param onFailure learns at once that a batch could not be sent, which the next call throws. */
  constructor(options: ResolvedCascaderOptions, onFailure: (error: unknown) => void) {
    this.#options = options
    this.#onFailure = onFailure
  }

  /** Returns whether the batch is full: it is to be sent before more is added. */
  add(target: Target): boolean {
    return this.#batch.push(target) >= this.#options.batchSize
  }

  /** Resolves when the batch before this one is acknowledged, and this one under way. */
  async send(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    await this.#underWay
    this.#underWay = this.#produce(batch)
    this.#underWay.catch(this.#onFailure)
  }

  /** Sends the rest; resolves with the number of messages when all are acknowledged. */
  async finish(): Promise<number> {
    if (this.#batch.length > 0) await this.send()
    await this.#underWay
    return this.#count
  }

  async #produce(batch: readonly Target[]): Promise<void> {
    const { producer, meter, name } = this.#options
    await producer.batch((sending: MessageBatch) => {
      for (const { value, options } of batch) sending.produce(value, options)
    })
    meter.add('kt_cascader_messages_total', batch.length, { name })
    this.#count += batch.length
  }
}
