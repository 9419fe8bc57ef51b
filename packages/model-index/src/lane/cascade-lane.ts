import { deadLetterTopic, errorFields, KtError } from '@kt/core'
import { requireTopic, sendDeadLetters, TopicWorker } from '@kt/core/internal'
import type {
  BatchContext,
  Consumption,
  Logger,
  Message,
  MessageConsumer,
  MessageProducer,
  RunOptions,
} from '@kt/core'
import type { Cascader } from '@kt/cascader'
import type { Path } from '../path.ts'
import { LatestPasses } from './latest-passes.ts'
import { decodeSearch, encodeSearch } from './search-message.ts'
import type { QueuedSearch } from './search-message.ts'
import { nameOf, readPage } from './search.ts'

/** A cascade whose searches are in the lane. */
interface LanedCascade {
  readonly name: string
  readonly cascader: Cascader
  readonly paths: readonly Path[]
}

export interface CascadeLaneOptions {
  readonly consumer: MessageConsumer
  readonly producer: MessageProducer
  readonly topic: string
  readonly name: string
  readonly pageSize: number
  readonly cascades: readonly LanedCascade[]
  readonly logger: Logger
}

/**
 * Works off large cascades, page by page. A message of the lane's topic describes a search. The worker reads one page of
 * it, sends the messages for the records, and then queues the rest of the search behind the others. So a crash repeats
 * one page, cascades take turns, and a new pass for the same changed records replaces the rest of an earlier one.
 */
export class CascadeLane extends TopicWorker {
  readonly #options: CascadeLaneOptions
  readonly #passes = new LatestPasses()

  constructor(options: CascadeLaneOptions) {
    super('cascade lane')
    this.#options = options
  }

  /** @throws KtError the errors of the consumer, and `KT_PRODUCE_FAILED` when the dead-letter topic is missing */
  async run(options?: RunOptions): Promise<void> {
    await this.begin((signal) => this.#consume(signal), options)
  }

  async #consume(signal: AbortSignal): Promise<Consumption> {
    const { consumer, producer, topic, name } = this.#options
    await requireTopic(producer, deadLetterTopic(topic), 'dead letters', signal)
    // One page per batch, because a crash repeats the batch.
    return consumer.consume({ topic, name, batchSize: 1, signal }, async (messages, context) => {
      for (const message of messages) await this.#handle(message, context)
    })
  }

  async #handle(message: Message, { signal, attempt }: BatchContext): Promise<void> {
    try {
      const search = decodeSearch(message)
      if (this.#passes.isReplaced(search)) return
      await this.#search(search, signal)
    } catch (error) {
      if (!KtError.isInstance(error) || error.retryable || error.code !== 'KT_PAYLOAD_INVALID') throw error
      await this.#giveUp(message, error, attempt)
    }
  }

  async #search(search: QueuedSearch, signal: AbortSignal): Promise<void> {
    const { producer, topic, pageSize, cascades } = this.#options
    const cascade = cascades.find(({ name }) => name === search.cascade)
    const path = cascade?.paths.find((each) => nameOf(each) === search.path)
    if (cascade === undefined || path === undefined)
      throw new KtError(
        'KT_PAYLOAD_INVALID',
        'The message value is a search of a cascade that is not defined',
        {
          retryable: false,
        },
      )
    const { records, rest } = await readPage(path, search, pageSize)
    if (records.length > 0) await cascade.cascader.import(records, { signal })
    if (rest.length > 0)
      await queueSearches(
        producer,
        topic,
        rest.map((each) => ({ ...search, ...each, begins: false })),
      )
  }

  async #giveUp(message: Message, error: KtError, attempts: number): Promise<void> {
    const { producer, logger, topic, name } = this.#options
    const { partition, offset } = message
    await sendDeadLetters(producer, [{ message, reason: { code: error.code, attempts } }])
    logger.error('A search of a cascade became a dead letter: some documents may be out of date', {
      topic,
      group: name,
      partition,
      offset: String(offset),
      ...errorFields(error),
      advice: 'index the records again, or change the changed record once more',
    })
  }
}

/** Sends searches to the topic of a lane. Those of one root stay in their order. */
export async function queueSearches(
  producer: MessageProducer,
  topic: string,
  searches: readonly QueuedSearch[],
): Promise<void> {
  await producer.batch((batch) => {
    for (const search of searches) batch.produce(encodeSearch(search), { topic, key: search.root })
  })
}
