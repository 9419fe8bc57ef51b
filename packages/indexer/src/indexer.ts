import { deadLetterTopic, KtError, requireTopic } from '@kt/core'
import type { CatchUpOptions, Consumption } from '@kt/core'
import { BatchProcessor } from './batch-processor.ts'
import { resolveOptions } from './options.ts'
import type { IndexerOptions, ResolvedOptions } from './options.ts'

export interface RunOptions {
  /** Closes the Indexer when it fires. */
  readonly signal?: AbortSignal
}

/**
 * Keeps a search index in step with the records that the messages of a topic name. It takes only the ids from the
 * messages and reads the records afresh, so that messages may come twice, late, or in any order.
 */
export class Indexer<Record> implements AsyncDisposable {
  readonly #options: ResolvedOptions<Record>
  readonly #processor: BatchProcessor<Record>
  #consumption: Promise<Consumption> | undefined
  readonly #closing = new AbortController()

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(options: IndexerOptions<Record>) {
    this.#options = resolveOptions(options)
    this.#processor = new BatchProcessor(this.#options)
  }

  /**
   * Starts to work; resolves once the worker has joined its group. Called again, it waits for the same; when it failed,
   * it may be called anew.
   *
   * @throws KtError what the consumer throws (`KT_CONSUME_FAILED`, `KT_ABORTED`), `KT_PRODUCE_FAILED` when the
   *   dead-letter topic is missing, and `KT_CLOSED` after `close()`.
   */
  async run({ signal }: RunOptions = {}): Promise<void> {
    if (this.#closing.signal.aborted)
      throw new KtError('KT_CLOSED', 'This Indexer was closed', { retryable: false })
    const consumption = (this.#consumption ??= this.#consume(signal))
    try {
      await consumption
    } catch (error) {
      if (this.#consumption === consumption) this.#consumption = undefined
      throw error
    }
  }

  /**
   * Resolves when everything that is in the topic now has been indexed or given up, and committed.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, and `KT_CLOSED` when it does not run.
   */
  async whenCaughtUp(options?: CatchUpOptions): Promise<void> {
    const consumption = await this.#running()
    await consumption.whenCaughtUp(options)
  }

  /**
   * Messages that are not indexed yet, over all partitions of the topic.
   *
   * @throws KtError `KT_CLOSED` when it does not run.
   */
  async lag(): Promise<bigint> {
    const consumption = await this.#running()
    return consumption.lag()
  }

  /** Finishes and commits the batch in hand, then leaves the group. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    const consumption = await this.#consumption?.catch(() => undefined)
    await consumption?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #consume(signal: AbortSignal | undefined): Promise<Consumption> {
    const { consumer, topic, name, partition, batchSize, deadLetters } = this.#options
    const ending =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    if (deadLetters !== undefined)
      await requireTopic(deadLetters, deadLetterTopic(topic), 'dead letters', ending)
    return consumer.consume(
      {
        topic,
        name,
        batchSize,
        ...(partition !== undefined && { partition }),
        signal: ending,
      },
      (messages, context) => this.#processor.process(messages, context),
    )
  }

  async #running(): Promise<Consumption> {
    if (this.#consumption === undefined || this.#closing.signal.aborted)
      throw new KtError('KT_CLOSED', 'This Indexer does not run: call run() first', { retryable: false })
    return this.#consumption
  }
}
