import type { Cascader } from '@kt/cascader'
import { deadLetterTopic, headerNames, KtError } from '@kt/core'
import { encodeOrigins, originsOf, Pace, requireTopic, sleep, TopicWorker } from '@kt/core/internal'
import type { Consumption, Logger, Message, MessageConsumer, MessageProducer, RunOptions } from '@kt/core'
import type { Origin } from '@kt/core/internal'
import type { Path } from '../path.ts'
import { LatestPasses } from './latest-passes.ts'
import { decodeSearch, encodeSearch } from './search-message.ts'
import type { Place, QueuedSearch } from './search-message.ts'
import { nameOf, readPage } from './search.ts'
import type { Search } from './search.ts'

/** A cascade whose searches may be in the lane. */
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
  /** May be Infinity. */
  readonly recordsPerSecond: number
  readonly cascades: readonly LanedCascade[]
  readonly logger: Logger
}

interface SearchContext {
  /** Where the changes are that the search is for. */
  readonly origins: readonly Origin[]
  readonly signal: AbortSignal
}

/** A cascade that this process doesn't know may belong to a newer version of the application. */
const unknownForMs = 3_600_000
const unknownPauseMs = 1_000

/** A limited rate is kept with so many pages. Fewer would make edits wait longer, and more would hit more of them. */
const pagesPerSecond = 2

/**
 * Works off large cascades, page by page. A message of the lane's topic describes a search. The worker reads one page of
 * it, sends the messages for the records, and then queues the rest of the search behind the others. So a crash repeats
 * one page, cascades take turns, and a new pass for the same changed records replaces the rest of an earlier one.
 *
 * A message that is no search, or whose data make it fail, becomes a dead letter, as with `Cascader.handler`.
 */
export class CascadeLane extends TopicWorker {
  readonly #options: CascadeLaneOptions
  readonly #passes = new LatestPasses()
  readonly #pace: Pace
  readonly #pageSize: number

  constructor(options: CascadeLaneOptions) {
    super('cascade lane')
    const { pageSize, recordsPerSecond } = options
    this.#options = options
    this.#pace = new Pace(recordsPerSecond)
    this.#pageSize = Math.min(pageSize, Math.ceil(recordsPerSecond / pagesPerSecond))
  }

  /** @throws KtError the errors of the consumer, and `KT_PRODUCE_FAILED` when the dead-letter topic is missing */
  async run(options?: RunOptions): Promise<void> {
    await this.begin((signal) => this.#consume(signal), options)
  }

  async #consume(signal: AbortSignal): Promise<Consumption> {
    const { consumer, producer, topic, name, cascades } = this.#options
    await requireTopic(producer, deadLetterTopic(topic), 'dead letters', signal)
    const handle = async (messages: readonly Message[], context: { signal: AbortSignal }): Promise<void> => {
      for (const message of messages) await this.#handle(message, context.signal)
    }
    // One page per batch, because a crash repeats the batch.
    return consumer.consume(
      { topic, name, batchSize: 1, signal },
      cascades[0]?.cascader.handler(handle) ?? handle,
    )
  }

  async #handle(message: Message, signal: AbortSignal): Promise<void> {
    const search = decodeSearch(message)
    const { partition, offset } = message
    const pass = search.pass ?? { partition, offset: String(offset) }
    const origins = this.#passes.note(search.root, pass, originsOf([message]))
    if (this.#passes.isReplaced(search.root, pass)) return
    try {
      const rest = await this.#search(search, pass, { origins, signal })
      this.#passes.handled(search.root, pass, rest)
    } catch (error) {
      // If it becomes a dead letter, the rest of earlier passes must not be dropped for it.
      this.#passes.forget(search.root)
      throw error
    }
  }

  /** @returns how many messages continue the search */
  async #search(search: QueuedSearch, pass: Place, context: SearchContext): Promise<number> {
    const { origins, signal } = context
    const cascade = this.#options.cascades.find(({ name }) => name === search.cascade)
    const path = cascade?.paths.find((each) => nameOf(each) === search.path)
    if (cascade === undefined || path === undefined) return this.#putBack(search, pass, context)
    const { producer, topic } = this.#options
    await this.#pace.whenFree(signal)
    // Another worker has the message now, and would queue the same rest.
    throwIfAborted(signal)
    const { records, read, rest } = await readPage(path, search, this.#pageSize)
    this.#pace.note(read)
    const cause = {
      topic,
      partition: pass.partition,
      offset: BigInt(pass.offset),
      headers: headersOf(origins),
    }
    if (records.length > 0) await cascade.cascader.import(records, { signal, causes: [cause] })
    throwIfAborted(signal)
    await queueSearches(
      producer,
      topic,
      rest.map((each) => continued(search, pass, each)),
      origins,
    )
    return rest.length
  }

  /** @throws KtError `KT_PAYLOAD_INVALID` when it has been unknown for too long */
  async #putBack(search: QueuedSearch, pass: Place, { origins, signal }: SearchContext): Promise<number> {
    const { producer, topic, name, logger } = this.#options
    const { cascade } = search
    if (Date.now() - search.sinceMs > unknownForMs)
      throw new KtError(
        'KT_PAYLOAD_INVALID',
        'The message value is a search of a cascade that no longer exists',
        {
          retryable: false,
        },
      )
    logger.warn('The lane has a search of a cascade that this process does not define: it is put back', {
      topic,
      group: name,
      cascade,
      advice: 'finish the deployment, and give each set of cascades a lane of its own',
    })
    await sleep(unknownPauseMs, signal)
    await queueSearches(producer, topic, [{ ...search, pass }], origins)
    return 1
  }
}

function headersOf(origins: readonly Origin[]): Record<string, string> {
  return { [headerNames.origins]: encodeOrigins(origins) }
}

/** @throws KtError `KT_ABORTED` */
function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new KtError('KT_ABORTED', 'The partition was lost', { retryable: false })
}

function continued({ cascade, path, root, sinceMs }: QueuedSearch, pass: Place, rest: Search): QueuedSearch {
  return { ...rest, cascade, path, root, sinceMs, pass }
}

/**
 * Sends searches to the topic of a lane. Those of one root stay in their order.
 *
 * @param origins where the changes are that the searches are for
 */
export async function queueSearches(
  producer: MessageProducer,
  topic: string,
  searches: readonly QueuedSearch[],
  origins: readonly Origin[],
): Promise<void> {
  if (searches.length === 0) return
  const headers = headersOf(origins)
  await producer.batch((batch) => {
    for (const search of searches) batch.produce(encodeSearch(search), { topic, key: search.root, headers })
  })
}
