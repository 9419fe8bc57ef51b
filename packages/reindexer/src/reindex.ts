import { KtError } from '@kt/core'
import { requireTopic, sleep } from '@kt/core/internal'
import type { VerifyReport } from '@kt/verifier'
import { Backfill } from './backfill.ts'
import { compare, whenCaughtUp } from './comparison.ts'
import type { Followed } from './comparison.ts'
import { isOwnState } from './generation.ts'
import type { Generation } from './generation.ts'
import { newFollower } from './generation-indexer.ts'
import { GivenUp } from './given-up.ts'
import { refused, refusedIndex } from './generations.ts'
import type { Found, Generations } from './generations.ts'
import { versionOf } from './options.ts'
import type { ResolvedReindexerOptions } from './options.ts'
import { patiently } from './patience.ts'
import type { ReindexProgress, ReindexStep, StepProgress } from './progress.ts'
import { WatchedGeneration } from './watched-generation.ts'

export interface EnsureOptions {
  /** Called when a step begins, and after each page of records. */
  readonly onProgress?: (progress: ReindexProgress) => void
  /**
   * Whether an index that has the name of the alias is deleted when its replacement is ready, in the same step. Without
   * it, such an index is refused.
   *
   * @defaultValue false
   */
  readonly replaceIndex?: boolean
  /**
   * Whether the index may be built from another database than before, such as after a move to a new cluster. Without it,
   * that is refused: it may be the wrong one.
   *
   * @defaultValue false
   */
  readonly newDatabase?: boolean
  /**
   * Whether the index may go back to a lower `version` than it has. Without it, that is refused: it is what a late
   * deployment of an old release would do. `rollback` goes back at once.
   *
   * @defaultValue false
   */
  readonly olderVersion?: boolean
  readonly signal?: AbortSignal
}

export interface EnsureResult {
  /** The name of the index that the alias points to now. */
  readonly generation: string
  /** Whether the alias was moved. Otherwise everything was as wanted already. */
  readonly changed: boolean
  /** The comparison of the new generation with the database. */
  readonly report?: VerifyReport
}

export interface ReindexOptions<Record> extends EnsureOptions {
  readonly options: ResolvedReindexerOptions<Record>
  readonly generations: Generations<Record>
  readonly signal: AbortSignal
}

/** So many unchanged looks at a generation show that nobody works on it. */
const idleLooks = 6

/** One run through the steps towards a generation that is as wanted. Each step may be repeated. */
export class Reindex<Record> {
  readonly #options: ResolvedReindexerOptions<Record>
  readonly #generations: Generations<Record>
  readonly #ensure: ReindexOptions<Record>
  readonly #aborted: AbortSignal
  readonly #stopping = new AbortController()
  readonly #signal: AbortSignal
  #database = ''
  #callbackFailure: unknown
  #backfill: Backfill<Record> | undefined
  /** The indexes that had the alias at the last look. */
  #active: readonly string[] | undefined

  constructor(ensure: ReindexOptions<Record>) {
    this.#ensure = ensure
    this.#options = ensure.options
    this.#generations = ensure.generations
    this.#aborted = ensure.signal
    this.#signal = AbortSignal.any([ensure.signal, this.#stopping.signal])
  }

  async run(): Promise<EnsureResult> {
    this.#database = await this.#options.index.database()
    const claimed = await this.#claim()
    if (claimed.isDone) return { generation: claimed.generation.name, changed: false }
    const { generation } = claimed
    const { refreshMs, logger } = this.#options
    const watched = new WatchedGeneration(this.#generations, generation, {
      everyMs: refreshMs,
      position: () => this.#backfill?.position,
      onMissing: () => this.#stopping.abort(),
      onSaved: () => this.#watchAlias(generation),
      logger,
    })
    try {
      const report = await this.#build(watched)
      return { generation: generation.name, changed: true, report }
    } catch (error) {
      if (this.#aborted.aborted) throw aborted(error)
      throw this.#callbackFailure ?? watched.missing ?? error
    } finally {
      await watched.end()
    }
  }

  /** Finds the generation to work on, or creates it. Waits while another process works on it. */
  async #claim(): Promise<{ readonly generation: Generation; readonly isDone: boolean }> {
    let seen: string | undefined
    for (let looks = 0; ; looks++) {
      if (this.#signal.aborted) throw aborted()
      const found = await this.#generations.find()
      this.#refuseForeign(found)
      const generation = found.generations.findLast((each) => this.#isWanted(each))
      if (generation !== undefined && isOnlyActive(generation, found) && generation.state.phase === 'live') {
        // Of a process that was killed right after the switch.
        if (generation.state.beat !== undefined) await this.#generations.save(generation, { beat: undefined })
        return { generation, isDone: true }
      }
      const created = generation === undefined && (await this.#create(found))
      if (created) return { generation: created, isDone: false }
      if (generation !== undefined) {
        const { beat } = generation.state
        if (beat !== seen) looks = 0
        seen = beat
        if (beat === undefined || looks >= idleLooks) return { generation, isDone: false }
        this.#report('waiting', generation)
      }
      await sleep(this.#options.refreshMs, this.#signal)
    }
  }

  async #create(found: Found): Promise<Generation | undefined> {
    const { producer, topic } = this.#options
    await requireTopic(producer, topic, 'changed records', this.#signal)
    return this.#generations.create(found, this.#database)
  }

  /** Whether a generation is as wanted, and its state belongs to it. */
  #isWanted(generation: Generation): boolean {
    if (generation.hash !== this.#generations.hash || generation.state.database !== this.#database)
      return false
    if (isOwnState(generation)) return true
    this.#options.logger.warn(
      'The index is a copy: its state belongs to another one, so it is not continued',
      {
        index: generation.name,
      },
    )
    return false
  }

  /** @throws KtError `KT_REINDEX_REFUSED` when something else may be destroyed */
  #refuseForeign({ generations, isIndex }: Found): void {
    const { name } = this.#options.index
    const { replaceIndex = false, newDatabase = false, olderVersion = false } = this.#ensure
    const wanted = versionOf(this.#options.index)
    if (isIndex && !replaceIndex) throw refusedIndex(name)
    const active = generations.find((each) => each.isActive)
    if (active !== undefined && active.state.database !== this.#database && !newDatabase)
      throw refused(
        `"${active.name}" was built from another database or table: check the connection, or call ensure({ newDatabase: true })`,
      )
    if (active !== undefined && active.state.version > wanted && !olderVersion)
      throw refused(
        `"${active.name}" has version ${active.state.version} of the documents, and this release has version ${wanted}: call rollback(), or ensure({ olderVersion: true })`,
      )
  }

  async #build(watched: WatchedGeneration): Promise<VerifyReport> {
    const { generation } = watched
    const options = this.#options
    const definition = options.index
    const signal = this.#signal
    const givenUp = new GivenUp()
    const follower = newFollower(options, generation, definition, givenUp)
    const followed = { options, generation, definition, follower, givenUp, signal }
    try {
      await follower.run({ signal })
      await this.#fill(watched)
      this.#report('catching-up', generation)
      await whenCaughtUp(followed, signal)
      const report = await compare(followed, (progress) => this.#report('comparing', generation, progress))
      await this.#switch(watched, followed)
      return report
    } finally {
      await follower.close()
    }
  }

  async #fill(watched: WatchedGeneration): Promise<void> {
    const { generation } = watched
    if (generation.state.phase === 'filled' || generation.state.phase === 'live') return
    await watched.save({ phase: 'filling' })
    const backfill = new Backfill(this.#options, generation, this.#options.index)
    this.#backfill = backfill
    this.#report('filling', generation, backfill.progress)
    await backfill.run(() => this.#report('filling', generation, backfill.progress), this.#signal)
    await this.#patiently(generation.name, () => watched.save({ phase: 'filled', ...backfill.position }))
    this.#backfill = undefined
  }

  async #switch(watched: WatchedGeneration, followed: Followed<Record>): Promise<void> {
    const { generation } = watched
    this.#report('switching', generation)
    await whenCaughtUp(followed, this.#signal)
    await this.#patiently(generation.name, async () => {
      this.#refuseForeign(await this.#generations.find())
      // Before the alias: after a crash in between, an unproven generation could not be told from this one.
      await watched.save({ phase: 'live' })
      await this.#generations.activate(generation, this.#ensure)
    })
    this.#options.logger.info('The alias points to the new index', {
      alias: this.#options.index.name,
      index: generation.name,
    })
  }

  /** Searches fail without the alias, so that is reported at once, although it is set again at the end. */
  async #watchAlias(generation: Generation): Promise<void> {
    const { active } = await this.#generations.find()
    const before = this.#active
    this.#active = active
    if (before === undefined || before.join() === active.join() || active.join() === generation.name) return
    this.#options.logger.error('The alias was changed while its index is built again', {
      alias: this.#options.index.name,
      before,
      now: active,
      ...(active.length === 0 && { advice: 'searches fail: give the alias to the index that had it before' }),
    })
  }

  /** A callback that throws ends the run. */
  #report(step: ReindexStep, { name }: Generation, progress?: StepProgress): void {
    try {
      this.#ensure.onProgress?.({ step, generation: name, ...progress?.report })
    } catch (error) {
      this.#callbackFailure ??= error
      this.#stopping.abort()
    }
  }

  /** The requests of a step, after which hours of work would be lost. */
  #patiently(name: string, work: () => Promise<void>): Promise<void> {
    const warning = 'The search engine did not answer'
    return patiently(work, { index: name, logger: this.#options.logger, signal: this.#signal, warning })
  }
}

function isOnlyActive({ name }: Generation, { active }: Found): boolean {
  return active.length === 1 && active[0] === name
}

function aborted(cause?: unknown): KtError {
  return new KtError('KT_ABORTED', 'The re-index was aborted; ensure() will continue it', {
    cause,
    retryable: false,
  })
}
