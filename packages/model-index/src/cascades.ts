import type { Cascader } from '@kt/cascader'
import type { CatchUpOptions, RunOptions } from '@kt/core'
import { resolveCascadesOptions } from './cascades-options.ts'
import type { CascadesOptions, ResolvedCascadesOptions } from './cascades-options.ts'
import { routesOf, toCascade } from './derived-cascade.ts'
import type { Cascade, Cascading } from './derived-cascade.ts'
import { CascadeLane } from './lane/cascade-lane.ts'
import { changedByDatabase } from './path.ts'

/**
 * Derives the cascades that keep the documents of model indexes up to date when a record that they contain changes. For
 * each topic of changed records and each index there is one Cascader, named `<topic>_to_<index>`, which is also its
 * consumer group.
 *
 * @throws KtError `KT_OPTION_INVALID` when an option or an include is wrong
 */
export function cascades(indexes: Cascading | readonly Cascading[], options: CascadesOptions): Cascades {
  return new Cascades([indexes].flat(), options)
}

/** The consumer group of a cascade, in the form that an `IndexMonitor` takes. */
export interface CascadeGroup {
  readonly topic: string
  readonly name: string
  /** The topic of the messages for the indexed records. */
  readonly target: string
  readonly lane?: { readonly topic: string; readonly name: string }
}

/**
 * Returns the consumer groups of the cascades, for processes that only watch them, such as with an `IndexMonitor`. Give
 * it the same options as `cascades`, in particular `topic` if this process doesn't stream the models.
 *
 * @throws KtError `KT_OPTION_INVALID` when an include is wrong
 */
export function cascadeGroups(
  indexes: Cascading | readonly Cascading[],
  options: Pick<CascadesOptions, 'topic' | 'targetTopic' | 'lane'> = {},
): readonly CascadeGroup[] {
  const { lane } = options
  return [indexes].flat().flatMap((index) =>
    routesOf(index, options).map(({ sourceTopic, targetTopic, name }) => ({
      topic: sourceTopic,
      name,
      target: targetTopic,
      ...(lane !== undefined && { lane: { topic: lane.topic, name: lane.name ?? lane.topic } }),
    })),
  )
}

/**
 * Describes the changes of records in the documents that the database makes itself, such as by ON DELETE SET NULL, and
 * that no model sees. Each is a sentence that says what happens, and one that says what to do.
 *
 * @throws KtError `KT_OPTION_INVALID` when an include is wrong
 */
export function unseenChanges(indexes: Cascading | readonly Cascading[]): readonly string[] {
  const paths = [indexes].flat().flatMap((index) => index.graph().paths)
  return [...new Set(paths.flatMap(({ steps }) => changedByDatabase(steps.at(-1)) ?? []))]
}

/** The derived cascades. They start, catch up and close together. */
export class Cascades implements AsyncDisposable {
  readonly #options: ResolvedCascadesOptions
  readonly #cascades: readonly Cascade[]
  readonly #lane: CascadeLane | undefined

  /** @internal */
  constructor(indexes: readonly Cascading[], options: CascadesOptions) {
    const resolved = resolveCascadesOptions(options)
    this.#options = resolved
    this.#cascades = indexes
      .flatMap((index) => routesOf(index, resolved))
      .map((route) => toCascade(route, resolved))
    const { lane } = resolved
    if (lane !== undefined) this.#lane = new CascadeLane({ ...resolved, ...lane, cascades: this.#cascades })
  }

  /** The names of the Cascaders, which are also their consumer groups. */
  get names(): readonly string[] {
    return this.#cascades.map(({ name }) => name)
  }

  /**
   * Resolves once all have joined their consumer groups. After a failure it may be called again. Logs a warning for each
   * association whose records the database changes on deletes.
   *
   * @throws KtError the errors of `Cascader.run`
   */
  async run(options: RunOptions = {}): Promise<void> {
    const { consumer, from, logger } = this.#options
    for (const { name, warnings } of this.#cascades)
      for (const warning of warnings) logger.warn(warning, { cascader: name })
    const running = this.#cascades.map(({ cascader, topic, find }) =>
      cascader.run({
        consumer,
        topic,
        find,
        continues: false,
        ...(from !== undefined && { from }),
        ...options,
      }),
    )
    await Promise.all([...running, this.#lane?.run(options)])
  }

  /**
   * Resolves when the dependents of all changes that are now in the topics have been sent.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`
   */
  async whenCaughtUp(options: CatchUpOptions = {}): Promise<void> {
    await Promise.all(this.#cascades.map(({ cascader }) => cascader.whenCaughtUp(options)))
    if (this.#lane === undefined) return
    // The lane's worker puts the rest of a search back into the topic.
    const deadline = Date.now() + (options.timeoutMs ?? 60_000)
    const { ends: _, ...others } = options
    while ((await this.#lane.lag()) > 0n)
      await this.#lane.whenCaughtUp({ ...others, timeoutMs: Math.max(0, deadline - Date.now()) })
  }

  /**
   * Returns the number of messages that the groups have not committed yet, over all cascades.
   *
   * @throws KtError `KT_CLOSED` when they are not running
   */
  async lag(): Promise<bigint> {
    const lags = await Promise.all(this.#workers.map((worker) => worker.lag()))
    return lags.reduce((sum, lag) => sum + lag, 0n)
  }

  /** Whether every Cascader is a member of its consumer group. */
  isReady(): boolean {
    return this.#workers.every((worker) => worker.isReady())
  }

  /** Finishes and commits the current batches, then leaves the consumer groups. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.close()))
  }

  get #workers(): readonly (Cascader | CascadeLane)[] {
    return [...this.#cascades.map(({ cascader }) => cascader), ...(this.#lane ? [this.#lane] : [])]
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
