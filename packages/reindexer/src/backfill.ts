import { errorFields, KtError } from '@kt/core'
import type { RecordId } from '@kt/core'
import { Indexer } from '@kt/indexer'
import type { Generation } from './generation.ts'
import { named, sharedOptions } from './generation-indexer.ts'
import { GivenUp } from './given-up.ts'
import type { ReindexableIndex, ResolvedReindexerOptions } from './options.ts'
import { patiently } from './patience.ts'
import { StepProgress } from './progress.ts'
import { TableConsumer } from './table-consumer.ts'

/** When so many records were given up, and they are most, the backfill ends. */
const fewGivenUp = 100

/** A limited rate is kept with so many pages, so that edits rarely meet one. */
const pagesPerSecond = 2

/** Where a backfill is. */
export interface BackfillPosition {
  readonly after?: RecordId
  readonly done: number
}

/**
 * Indexes all records of a table. What it writes has read tickets, so it never overwrites a later change, and a record
 * that is deleted meanwhile doesn't come back.
 */
export class Backfill<Record> {
  readonly #options: ResolvedReindexerOptions<Record>
  readonly #definition: ReindexableIndex<Record>
  readonly #generation: Generation
  readonly progress: StepProgress
  readonly #givenUp = new GivenUp()
  #after: RecordId | undefined

  constructor(
    options: ResolvedReindexerOptions<Record>,
    generation: Generation,
    definition: ReindexableIndex<Record>,
  ) {
    this.#options = options
    this.#generation = generation
    this.#definition = definition
    const { after, done } = generation.state
    const continues = definition.canContinue === true && after !== undefined
    this.#after = continues ? after : undefined
    this.progress = new StepProgress(continues ? done : 0)
  }

  /** Up to where all records are indexed, for a later process. */
  get position(): BackfillPosition {
    const { done } = this.progress
    return this.#definition.canContinue === true && this.#after !== undefined
      ? { after: typeof this.#after === 'bigint' ? String(this.#after) : this.#after, done }
      : { done }
  }

  /**
   * @param onPage called after each page
   * @throws KtError `KT_REINDEX_DIFFERENT` when most documents are rejected, `KT_ABORTED`, `KT_LOAD_FAILED` when the ids can't be read, `KT_PRODUCE_FAILED` when the dead-letter
   *   topic is missing
   */
  async run(onPage: () => void, outer: AbortSignal): Promise<void> {
    const { recordsPerSecond, logger } = this.#options
    const rejected = new AbortController()
    const signal = AbortSignal.any([outer, rejected.signal])
    void this.#count()
    const consumer = new TableConsumer({
      pages: () => this.#pages(signal),
      recordsPerSecond,
      onHandled: (page) => {
        this.#after = page.at(-1) ?? this.#after
        this.progress.done += page.length
        onPage()
        if (this.#rejectsMost) rejected.abort()
      },
      logger,
    })
    const indexer = new Indexer({
      ...sharedOptions(this.#options),
      index: named(this.#definition, this.#generation.name),
      consumer: this.#givenUp.watching(consumer),
      name: `${this.#generation.group}-backfill`,
      rememberedChanges: 0,
    })
    try {
      await indexer.run({ signal })
      await indexer.whenCaughtUp({ signal })
    } catch (error) {
      throw rejected.signal.aborted ? this.#rejection(error) : error
    } finally {
      await indexer.close()
    }
  }

  /** Goes on after the last page when the database was away. */
  async *#pages(signal: AbortSignal): AsyncGenerator<readonly RecordId[]> {
    const { recordsPerSecond, pageSize, logger } = this.#options
    const { name } = this.#generation
    const limit = Math.min(pageSize, Math.ceil(recordsPerSecond / pagesPerSecond))
    let after = this.#after
    const read = (): AsyncIterator<readonly RecordId[]> =>
      this.#definition.ids({ pageSize: limit, ...(after !== undefined && { after }) })[Symbol.asyncIterator]()
    let pages = read()
    for (;;) {
      const next = async (): Promise<IteratorResult<readonly RecordId[]>> => {
        try {
          return await pages.next()
        } catch (error) {
          // It cannot be read on, and another one would begin anew.
          if (this.#definition.canContinue !== true)
            throw new KtError('KT_LOAD_FAILED', 'The ids could not be read', {
              cause: error,
              retryable: false,
            })
          pages = read()
          throw error
        }
      }
      const warning = 'The ids of the records could not be read'
      const result = await patiently(next, { index: name, logger, signal, warning })
      if (result.done === true) return
      after = result.value.at(-1) ?? after
      yield result.value
    }
  }

  get #rejectsMost(): boolean {
    const { count } = this.#givenUp
    return count >= fewGivenUp && 2 * count > this.progress.done
  }

  #rejection(cause: unknown): KtError {
    const { count } = this.#givenUp
    return new KtError(
      'KT_REINDEX_DIFFERENT',
      `"${this.#generation.name}" takes no documents: ${count} of ${this.progress.done} were given up. ` +
        'The log has the reason; compare the mappings with what document() returns',
      { cause, retryable: false },
    )
  }

  async #count(): Promise<void> {
    try {
      this.progress.total = await this.#definition.count?.()
    } catch (error) {
      this.#options.logger.warn('The records could not be counted: the progress has no total', {
        index: this.#generation.name,
        ...errorFields(error),
      })
    }
  }
}
