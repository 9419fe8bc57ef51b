import { deadLetterTopic } from '@kt/core'
import { requireTopic, TopicWorker } from '@kt/core/internal'
import type { Consumption, RunOptions } from '@kt/core'
import { BatchProcessor } from './batch-processor.ts'
import { resolveOptions } from './options.ts'
import type { IndexerOptions, ResolvedOptions } from './options.ts'

/**
 * Keeps a search index in sync with the records that the messages of a topic name. It uses only the ids of the messages
 * and reads the records afresh, so messages may arrive twice, late, or in any order.
 */
export class Indexer<Record> extends TopicWorker {
  readonly #options: ResolvedOptions<Record>
  readonly #processor: BatchProcessor<Record>

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(options: IndexerOptions<Record>) {
    super('Indexer')
    this.#options = resolveOptions(options)
    this.#processor = new BatchProcessor(this.#options)
  }

  /**
   * Starts the worker, and resolves once it has joined its consumer group. A second call waits for the same start.
   * After a failure it may be called again.
   *
   * @throws KtError the consumer's errors (`KT_CONSUME_FAILED`, `KT_ABORTED`), `KT_PRODUCE_FAILED` when the dead-letter
   *   topic is missing, and `KT_CLOSED` after `close()`
   */
  async run(options?: RunOptions): Promise<void> {
    await this.begin((signal) => this.#consume(signal), options)
  }

  /** Whether it is a member of its consumer group, its index exists, and Kafka accepts its dead letters. */
  override isReady(): boolean {
    return super.isReady() && this.#processor.isReady
  }

  async #consume(signal: AbortSignal): Promise<Consumption> {
    const { consumer, topic, name, partition, batchSize, from, deadLetters } = this.#options
    if (deadLetters !== undefined)
      await requireTopic(deadLetters, deadLetterTopic(topic), 'dead letters', signal)
    return consumer.consume(
      { topic, name, batchSize, from, ...(partition !== undefined && { partition }), signal },
      (messages, context) => this.#processor.process(messages, context),
    )
  }
}
