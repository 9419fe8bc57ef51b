import { encodeRecordList, errorFields, KtError } from '@kt/core'
import { backoff, mayPass, Pace, sleep } from '@kt/core/internal'
import type {
  Consumption,
  ConsumeOptions,
  Logger,
  Message,
  MessageConsumer,
  MessageHandler,
  RecordId,
} from '@kt/core'

export interface TableConsumerOptions {
  /** Yields the ids of all records, in pages. */
  readonly pages: () => AsyncIterable<readonly RecordId[]>
  readonly recordsPerSecond: number
  /** Called when this page and all before it have been handled. */
  readonly onHandled: (page: readonly RecordId[]) => void
  readonly logger: Logger
}

/** How many pages are handled at once, so that the search engine is busy while the next page is read. */
const lanes = 2

/**
 * Delivers the ids of a table as if they were messages, so that an Indexer fills its index: with the same reads, retries
 * and dead letters as for changes.
 */
export class TableConsumer implements MessageConsumer {
  readonly #options: TableConsumerOptions
  readonly #pace: Pace
  readonly #backoff = backoff()
  readonly #handled = new Map<number, readonly RecordId[]>()
  #begun = 0
  #done = 0

  constructor(options: TableConsumerOptions) {
    this.#options = options
    this.#pace = new Pace(options.recordsPerSecond)
  }

  /** The consumption has caught up when the table has been read to its end. */
  consume({ topic, signal: outer }: ConsumeOptions, handler: MessageHandler): Promise<Consumption> {
    const closing = new AbortController()
    const signal = outer === undefined ? closing.signal : AbortSignal.any([outer, closing.signal])
    const pages = this.#options.pages()[Symbol.asyncIterator]()
    const running = Promise.all(
      Array.from({ length: lanes }, (_, lane) =>
        this.#run({ topic, lane, pages, handler, signal }).catch((error: unknown) => {
          closing.abort()
          throw error
        }),
      ),
    )
    // Whoever waits hears of it.
    running.catch(() => undefined)
    const close = async (): Promise<void> => {
      closing.abort()
      await running.catch(() => undefined)
      // Not awaited: it waits for a read that is under way.
      void pages.return?.().catch(() => undefined)
    }
    return Promise.resolve({
      whenCaughtUp: async () => {
        await running
        if (signal.aborted) throw aborted()
      },
      lag: () => Promise.resolve(0n),
      ends: () => Promise.resolve(new Map<number, bigint>()),
      isReady: () => !signal.aborted,
      close,
      [Symbol.asyncDispose]: close,
    })
  }

  async #run({ pages, signal, ...lane }: Lane): Promise<void> {
    for (;;) {
      await this.#pace.whenFree(signal)
      const number = this.#begun++
      // A connection to the database may be lost without notice.
      const next = await orAborted(pages.next(), signal)
      if (next === undefined || next.done === true || signal.aborted) return
      await this.#handle({ pages, signal, ...lane }, next.value, number)
      if (signal.aborted) return
      this.#note(number, next.value)
    }
  }

  /** Delivers a page until it is handled, or until the signal fires. */
  async #handle(
    { topic, lane, handler, signal }: Lane,
    page: readonly RecordId[],
    number: number,
  ): Promise<void> {
    const ids = page.flatMap((id) => (id === '' ? [] : [typeof id === 'bigint' ? String(id) : id]))
    const message: Message = {
      topic,
      partition: lane,
      offset: BigInt(number),
      key: null,
      value: new TextEncoder().encode(encodeRecordList(ids)),
      headers: {},
      timestampMs: Date.now(),
    }
    this.#pace.note(page.length)
    for (let attempt = 1; !signal.aborted; attempt++) {
      try {
        const pause = await handler([message], { topic, partition: lane, attempt, signal })
        if (pause === undefined) return
        await sleep(pause.forMs, signal)
      } catch (error) {
        if (signal.aborted) return
        if (!mayPass(error)) throw error
        this.#options.logger.warn('A page of the backfill failed and is tried again', {
          topic,
          attempt,
          ...errorFields(error),
        })
        await sleep(this.#backoff(attempt), signal)
      }
    }
  }

  /** Reports the pages in their order, so that a later start may begin after the last one that was reported. */
  #note(number: number, page: readonly RecordId[]): void {
    this.#handled.set(number, page)
    for (let next; (next = this.#handled.get(this.#done)) !== undefined; this.#done++) {
      this.#handled.delete(this.#done)
      this.#options.onHandled(next)
    }
  }
}

interface Lane {
  readonly topic: string
  readonly lane: number
  readonly pages: AsyncIterator<readonly RecordId[]>
  readonly handler: MessageHandler
  readonly signal: AbortSignal
}

/** Resolves with undefined when the signal fires first. Keeps nothing of a result. */
function orAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => resolve(undefined)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function aborted(): KtError {
  return new KtError('KT_ABORTED', 'The backfill was aborted', { retryable: false })
}
