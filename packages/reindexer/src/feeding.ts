import { errorFields } from '@kt/core'
import type { Indexer } from '@kt/indexer'
import { isOwnState } from './generation.ts'
import type { Generation } from './generation.ts'
import { definitionOf, newFollower } from './generation-indexer.ts'
import type { Generations } from './generations.ts'
import type { ReindexableIndex, ResolvedReindexerOptions } from './options.ts'

/** Keeps all generations up to date whose definition and database this process has. */
export class Feeding<Record> {
  readonly #options: ResolvedReindexerOptions<Record>
  readonly #generations: Generations<Record>
  /** The Indexers by consumer group. */
  readonly #indexers = new Map<string, Indexer<Record>>()
  /** Groups whose Indexers are starting. */
  readonly #starting = new Set<string>()
  readonly #warned = new Set<string>()
  #isActiveFed = false

  constructor(options: ResolvedReindexerOptions<Record>, generations: Generations<Record>) {
    this.#options = options
    this.#generations = generations
  }

  get indexers(): readonly Indexer<Record>[] {
    return [...this.#indexers.values()]
  }

  /** Whether the index that is searched is kept up to date, and all others that can be. */
  get isReady(): boolean {
    return this.#isActiveFed && this.indexers.every((each) => each.isReady())
  }

  /**
   * Starts the Indexers of new generations and closes those of generations that are gone.
   *
   * @throws the error with which the Indexer of the active generation could not start
   */
  async update(generations: readonly Generation[], signal: AbortSignal): Promise<void> {
    const groups = new Set(generations.map(({ group }) => group))
    const gone = [...this.#indexers].filter(([group]) => !groups.has(group))
    await Promise.all(gone.map(([group, indexer]) => this.#stop(group, indexer)))
    const started = await Promise.allSettled(generations.map((each) => this.#start(each, signal)))
    const active = generations.filter(({ isActive }) => isActive)
    this.#isActiveFed = active.every(({ group }) => this.#indexers.has(group))
    const failed = started.find((each, number) => generations[number]?.isActive && each.status === 'rejected')
    if (failed?.status === 'rejected') throw failed.reason
  }

  async close(): Promise<void> {
    await Promise.all([...this.#indexers].map(([group, indexer]) => this.#stop(group, indexer)))
  }

  /** @throws the error with which the Indexer could not start; the next update tries again */
  async #start(generation: Generation, signal: AbortSignal): Promise<void> {
    const { name, group } = generation
    if (this.#indexers.has(group) || this.#starting.has(group) || signal.aborted) return
    this.#starting.add(group)
    try {
      const definition = definitionOf(this.#options, generation)
      if (definition === undefined || !(await isOurs(generation, definition))) {
        this.#warnUnfed(generation)
        return
      }
      await hasMissed(this.#options, this.#generations, generation)
      const indexer = newFollower(this.#options, generation, definition)
      await indexer.run({ signal })
      this.#indexers.set(group, indexer)
    } catch (error) {
      if (signal.aborted) return
      this.#options.logger.error('An index is not kept up to date: its Indexer could not start', {
        index: name,
        group,
        ...errorFields(error),
      })
      throw error
    } finally {
      this.#starting.delete(group)
    }
  }

  async #stop(group: string, indexer: Indexer<Record>): Promise<void> {
    this.#indexers.delete(group)
    await indexer.close()
  }

  /** Says it again when the generation gets the alias: then it matters more. */
  #warnUnfed({ name, group, state, isActive }: Generation): void {
    const key = `${group} ${isActive}`
    if (this.#warned.has(key)) return
    this.#warned.add(key)
    this.#options.logger[isActive ? 'error' : 'warn']('This process does not keep an index up to date', {
      index: name,
      version: state.version,
      advice: isActive
        ? 'if this worker is of an older release, stop it; else call ensure(), and keep the workers of the former release until then'
        : 'list its definition under "previous", keep workers of its release, or drop it',
    })
  }
}

/** Whether the state belongs to the index, and its records to the database of the definition. */
export async function isOurs<Record>(
  generation: Generation,
  definition: ReindexableIndex<Record>,
): Promise<boolean> {
  return isOwnState(generation) && generation.state.database === (await definition.database())
}

/**
 * Whether Kafka has deleted messages that a generation has missed, because nobody kept it up to date for so long. That is
 * saved, because the first worker that goes on behind the gap closes it.
 */
export async function hasMissed<Record>(
  { consumer, topic }: ResolvedReindexerOptions<Record>,
  generations: Generations<Record>,
  generation: Generation,
): Promise<boolean> {
  const { phase, missed } = generation.state
  if (missed === true) return true
  if (phase !== 'live' || (await consumer.missed?.(topic, generation.group)) === 0n) return false
  await generations.save(generation, { missed: true })
  return true
}
