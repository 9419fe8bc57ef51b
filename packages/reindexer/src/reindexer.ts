import { errorFields, KtError } from '@kt/core'
import { optionChecker, sleep, within } from '@kt/core/internal'
import type { CatchUpOptions } from '@kt/core'
import type { Indexer } from '@kt/indexer'
import { compare, whenCaughtUp } from './comparison.ts'
import { Feeding, hasMissed, isOurs } from './feeding.ts'
import type { Generation } from './generation.ts'
import { definitionOf, newFollower } from './generation-indexer.ts'
import { GivenUp } from './given-up.ts'
import { Generations, refused, refusedIndex } from './generations.ts'
import { resolveOptions, versionOf } from './options.ts'
import type { ReindexerOptions, ResolvedReindexerOptions } from './options.ts'
import { planOf } from './plan.ts'
import type { ReindexPlan } from './plan.ts'
import { Reindex } from './reindex.ts'
import type { EnsureOptions, EnsureResult } from './reindex.ts'

export interface RollbackOptions {
  /**
   * The name of the generation's index.
   *
   * @defaultValue the newest one before the active one that was proven right
   */
  readonly to?: string
  /**
   * Whether every document is compared with its record first. Otherwise that happens only when Kafka has deleted
   * messages that the generation has missed, because nobody kept it up to date for so long.
   *
   * @defaultValue false
   */
  readonly compare?: boolean
  readonly signal?: AbortSignal
}

export interface DropOptions {
  /**
   * The name of the generation's index.
   *
   * @defaultValue all that don't have the alias, without those that somebody works on and newer ones that are not ready
   */
  readonly generation?: string
}

/** Requests to a service that is frozen can't be aborted. Only a re-index saves something at its end: where it is. */
const patienceMs = 5_000

/**
 * Builds and keeps the index behind an alias. When mappings, settings or documents change, it fills a new index beside
 * the one that is searched, compares it with the database, and moves the alias in one step.
 */
export class Reindexer<Record> implements AsyncDisposable {
  readonly #options: ResolvedReindexerOptions<Record>
  readonly #generations: Generations<Record>
  readonly #feeding: Feeding<Record>
  readonly #closing = new AbortController()
  readonly #working = new Set<Promise<unknown>>()
  #starting: Promise<void> | undefined
  #looking: Promise<void> | undefined

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(options: ReindexerOptions<Record>) {
    this.#options = resolveOptions(options)
    this.#generations = new Generations(this.#options.client, this.#options.index)
    this.#feeding = new Feeding(this.#options, this.#generations)
  }

  /**
   * Makes the alias point to an index with the wanted mappings, settings and documents. If it does already, nothing is
   * done. Otherwise a new generation is created and filled while it follows the changes, compared with the database, and
   * given the alias if it is right. After an abort or a crash, the next call goes on where this one ended.
   *
   * @throws KtError `KT_REINDEX_DIFFERENT` when the new index isn't right, `KT_REINDEX_REFUSED` when something else would
   *   be destroyed, `KT_GENERATION_MISSING` when the new index is deleted meanwhile, `KT_PRODUCE_FAILED` when a topic is missing, `KT_ABORTED`, `KT_CLOSED`; the
   *   errors of the search client, of the database and of the consumer
   */
  async ensure(options: EnsureOptions = {}): Promise<EnsureResult> {
    const signal = this.#signalOf(options)
    const reindex = new Reindex({
      ...options,
      options: this.#options,
      generations: this.#generations,
      signal,
    })
    return this.#track(reindex.run())
  }

  /**
   * Returns what `ensure` would do. Changes nothing.
   *
   * @throws the errors of the search client and of the database
   */
  async plan(): Promise<ReindexPlan> {
    const { index } = this.#options
    const [found, database] = await Promise.all([this.#generations.find(), index.database()])
    const { hash } = this.#generations
    return planOf(found, { alias: index.name, hash, version: versionOf(index), database })
  }

  /**
   * Keeps all generations up to date, those that are made later, too. Resolves once the Indexers of the present ones have
   * joined their consumer groups. Those of other generations than the active one may still be trying. Run it in your
   * workers. After a failure it may be called again.
   *
   * @throws KtError `KT_CLOSED`; the errors of the search client, of the database and of the consumer
   */
  async run(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const signal = this.#signalOf(options)
    this.#starting ??= this.#update(signal)
    try {
      await this.#starting
    } catch (error) {
      this.#starting = undefined
      throw error
    }
    this.#looking ??= this.#look(signal)
  }

  /** The generations, oldest first. */
  async generations(): Promise<readonly Generation[]> {
    return (await this.#generations.find()).generations
  }

  /**
   * Gives the alias back to a former generation, after its Indexer has handled all changes.
   *
   * @returns the generation
   * @throws KtError `KT_REINDEX_REFUSED` when there is none that was proven right, or its definition is not among
   *   `previous`; `KT_REINDEX_DIFFERENT` when it was compared and isn't right; `KT_ABORTED`, `KT_CLOSED`; the errors of the
   *   search client and of the consumer
   */
  async rollback(options: RollbackOptions = {}): Promise<Generation> {
    return this.#track(this.#rollback(options, this.#signalOf(options)))
  }

  /**
   * Deletes generations that don't have the alias.
   *
   * @returns the names of the deleted indexes
   * @throws KtError `KT_REINDEX_REFUSED` for the one that has the alias; the errors of the search client
   */
  async drop({ generation }: DropOptions = {}): Promise<readonly string[]> {
    const { generations, active } = await this.#generations.find()
    if (generation !== undefined && active.includes(generation))
      throw refused(`"${generation}" has the alias: searches need it`)
    // Without an alias, each of them may be the one that is needed.
    if (generation === undefined && active.length === 0)
      throw refused(`No index has the alias "${this.#options.index.name}": name the one to drop`)
    const newest = newestActive(generations)
    const dropped = generations.filter(({ name, number, isActive, state }) =>
      generation === undefined
        ? !isActive && state.beat === undefined && (number < newest || state.phase === 'live')
        : name === generation,
    )
    if (generation !== undefined && dropped.length === 0)
      optionChecker('drop').fail('generation', 'the name of a generation', generation)
    const deleted: string[] = []
    for (const each of dropped) {
      const now = await this.#generations.find()
      // Another process has moved the alias to it.
      if (now.active.includes(each.name)) continue
      await this.#generations.delete(each, now.active[0])
      deleted.push(each.name)
    }
    return deleted
  }

  /**
   * Resolves when the Indexers of all generations have handled what is now in the topic.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, and `KT_CLOSED` when it is not running
   */
  async whenCaughtUp(options: CatchUpOptions = {}): Promise<void> {
    await Promise.all(this.#running().map((each) => each.whenCaughtUp(options)))
  }

  /**
   * The largest number of messages that a generation has not handled yet.
   *
   * @throws KtError `KT_CLOSED` when it is not running
   */
  async lag(): Promise<bigint> {
    const lags = await Promise.all(this.#running().map((each) => each.lag()))
    return lags.reduce((most, lag) => (lag > most ? lag : most), 0n)
  }

  /** Whether it is running, keeps the active generation up to date, and the Indexers of all generations are ready. */
  isReady(): boolean {
    return this.#looking !== undefined && !this.#closing.signal.aborted && this.#feeding.isReady
  }

  /** Ends all work: a re-index saves where it is, and Indexers finish their current batches. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    const ended = Promise.allSettled([this.#starting, this.#looking, ...this.#working])
    const late = (): Error => new Error('A service did not answer')
    await within(patienceMs, ended, late).catch(() => undefined)
    await this.#feeding.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #rollback(
    { to, compare: compares = false }: RollbackOptions,
    signal: AbortSignal,
  ): Promise<Generation> {
    const options = this.#options
    const { generations, active, isIndex } = await this.#generations.find()
    if (isIndex) throw refusedIndex(options.index.name)
    const before = newestActive(generations)
    const generation = generations.findLast(({ name, number, state }) =>
      to === undefined ? number < before && state.phase === 'live' : name === to && state.phase === 'live',
    )
    if (generation === undefined)
      throw refused(
        `"${options.index.name}" has no ${to === undefined ? 'former generation' : 'generation of this name'} that was proven right`,
      )
    if (active.length === 1 && generation.isActive) return generation
    const definition = definitionOf(options, generation)
    if (definition === undefined || !(await isOurs(generation, definition)))
      throw refused(
        `The definition or the database of "${generation.name}" is another one: list its definition under "previous"`,
      )
    const hasAll = !(await hasMissed(options, this.#generations, generation))
    const givenUp = new GivenUp()
    const follower = newFollower(options, generation, definition, givenUp)
    const followed = { options, generation, definition, follower, givenUp, signal }
    try {
      await follower.run({ signal })
      await whenCaughtUp(followed, signal)
      if (compares || !hasAll) {
        await compare(followed, () => undefined)
        await this.#generations.save(generation, { missed: false })
      }
      await this.#generations.activate(generation)
    } finally {
      await follower.close()
    }
    return { ...generation, isActive: true }
  }

  async #update(signal: AbortSignal): Promise<void> {
    const { generations } = await this.#generations.find()
    await this.#feeding.update(generations, signal)
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { refreshMs, logger, index } = this.#options
    while (!signal.aborted) {
      await sleep(refreshMs, signal)
      if (signal.aborted) break
      await this.#update(signal).catch((error: unknown) =>
        logger.warn('The generations of the index could not be updated', {
          alias: index.name,
          ...errorFields(error),
        }),
      )
    }
  }

  /** @throws KtError `KT_CLOSED` */
  #running(): readonly Indexer<Record>[] {
    if (this.#looking === undefined || this.#closing.signal.aborted)
      throw new KtError('KT_CLOSED', 'This Reindexer is not running: call run() first', { retryable: false })
    return this.#feeding.indexers
  }

  #track<T>(work: Promise<T>): Promise<T> {
    this.#working.add(work)
    const forget = (): void => void this.#working.delete(work)
    work.then(forget, forget)
    return work
  }

  /** @throws KtError `KT_CLOSED` */
  #signalOf({ signal }: { readonly signal?: AbortSignal }): AbortSignal {
    const { signal: closing } = this.#closing
    if (closing.aborted) throw new KtError('KT_CLOSED', 'This Reindexer was closed', { retryable: false })
    return signal === undefined ? closing : AbortSignal.any([signal, closing])
  }
}

function newestActive(generations: readonly Generation[]): number {
  return Math.max(0, ...generations.filter(({ isActive }) => isActive).map(({ number }) => number))
}
