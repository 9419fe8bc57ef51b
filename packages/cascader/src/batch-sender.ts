import type { MessageBatch } from '@kt/core'
import type { ResolvedCascaderOptions } from './options.ts'
import { RecordLists } from './record-lists.ts'
import type { OutgoingRecords, Target } from './target.ts'

/**
 * Gathers the messages of one import to batches, and sends one of them while the next is being gathered: finding records
 * and Kafka's acknowledgement both take their time.
 */
export class BatchSender {
  readonly #options: ResolvedCascaderOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #onFailure: (error: unknown) => void
  readonly #lists: RecordLists
  #batch: OutgoingRecords[] = []
  /** Of the batch. */
  #records = 0
  #underWay: Promise<void> | undefined
  #count = 0

  /**
   * @param headers of all messages
   * @param onFailure learns at once that a batch could not be sent, which the next call throws.
   */
  constructor(
    options: ResolvedCascaderOptions,
    headers: Readonly<Record<string, string>>,
    onFailure: (error: unknown) => void,
  ) {
    this.#options = options
    this.#headers = headers
    this.#onFailure = onFailure
    this.#lists = new RecordLists(options.recordsPerMessage)
  }

  /** Returns whether the batch is full: it is to be sent before more is added. */
  add(target: Target): boolean {
    const message = this.#lists.add(target)
    if (message !== undefined) this.#push(message)
    return this.#records >= this.#options.batchSize
  }

  /** Resolves when the batch before this one is acknowledged, and this one under way. */
  async send(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#records = 0
    await this.#underWay
    this.#underWay = this.#produce(batch)
    this.#underWay.catch(this.#onFailure)
  }

  /** Sends the rest; resolves with the number of records when all are acknowledged. */
  async finish(): Promise<number> {
    for (const message of this.#lists.rest()) this.#push(message)
    if (this.#batch.length > 0) await this.send()
    await this.#underWay
    return this.#count
  }

  #push(message: OutgoingRecords): void {
    this.#batch.push(message)
    this.#records += message.records
  }

  async #produce(batch: readonly OutgoingRecords[]): Promise<void> {
    const { producer, meter, name } = this.#options
    const headers = this.#headers
    await producer.batch((sending: MessageBatch) => {
      for (const { value, topic, key } of batch) sending.produce(value, { topic, key, headers })
    })
    meter.add('kt_cascader_messages_total', batch.length, { name })
    for (const { records } of batch) this.#count += records
  }
}
