import type { MessageBatch } from '@kt/core'
import type { ResolvedCascaderOptions } from './options.ts'
import { RecordLists } from './record-lists.ts'
import type { OutgoingRecords, Target } from './target.ts'

/**
 * Collects the messages of one import into batches. Sends one batch while the next is collected, because finding
 * records and waiting for Kafka's acknowledgement both take time.
 */
export class BatchSender {
  readonly #options: ResolvedCascaderOptions
  readonly #headers: Readonly<Record<string, string>>
  readonly #onFailure: (error: unknown) => void
  readonly #lists: RecordLists
  #batch: OutgoingRecords[] = []
  /** The number of records in the batch. */
  #records = 0
  #inFlight: Promise<void> | undefined
  #count = 0

  /**
   * @param headers the headers of all messages
   * @param onFailure called at once when a batch could not be sent. The next call rejects with the same error.
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

  /** @returns whether the batch is full and must be sent before the next call */
  add(target: Target): boolean {
    const message = this.#lists.add(target)
    if (message !== undefined) this.#push(message)
    return this.#records >= this.#options.batchSize
  }

  /** Sends the batch. Resolves when the batch before it is acknowledged and this one is in flight. */
  async send(): Promise<void> {
    const batch = this.#batch
    this.#batch = []
    this.#records = 0
    await this.#inFlight
    this.#inFlight = this.#produce(batch)
    this.#inFlight.catch(this.#onFailure)
  }

  /** Sends the rest. Resolves with the number of records when all are acknowledged. */
  async finish(): Promise<number> {
    for (const message of this.#lists.rest()) this.#push(message)
    if (this.#batch.length > 0) await this.send()
    await this.#inFlight
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
