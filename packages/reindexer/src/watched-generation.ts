import { randomUUID } from 'node:crypto'
import { errorFields, KtError } from '@kt/core'
import { sleep } from '@kt/core/internal'
import type { Logger } from '@kt/core'
import type { BackfillPosition } from './backfill.ts'
import type { Generation, GenerationState } from './generation.ts'
import type { Generations } from './generations.ts'

export interface WatchOptions {
  readonly everyMs: number
  /** Returns where the backfill is, if it is running. */
  readonly position: () => BackfillPosition | undefined
  /** Called each time after the state was saved. */
  readonly onSaved: () => Promise<void>
  /** Called when the index of the generation is gone. */
  readonly onMissing: () => void
  readonly logger: Logger
}

/**
 * A generation that is being built. Saves the position again and again. That also shows to other processes that somebody
 * works on it, and finds out when its index is gone.
 */
export class WatchedGeneration {
  readonly #generations: Pick<Generations<never>, 'save'>
  readonly #options: WatchOptions
  readonly #ended = new AbortController()
  readonly #beating: Promise<void>
  #generation: Generation
  #saving: Promise<void> = Promise.resolve()
  #missing: KtError | undefined

  constructor(generations: Pick<Generations<never>, 'save'>, generation: Generation, options: WatchOptions) {
    this.#generations = generations
    this.#generation = generation
    this.#options = options
    this.#beating = this.#beat()
  }

  /** The generation with the state that was saved last. */
  get generation(): Generation {
    return this.#generation
  }

  /** The error if the index is gone. */
  get missing(): KtError | undefined {
    return this.#missing
  }

  /**
   * Saves a change of the state.
   *
   * @throws KtError `KT_GENERATION_MISSING`, and the errors of the search client
   */
  save(change: Partial<GenerationState>): Promise<void> {
    // One request at a time, because each replaces the whole state.
    const saving = this.#saving.then(async () => {
      this.#generation = await this.#generations.save(this.#generation, change)
    })
    this.#saving = saving.catch(() => undefined)
    return saving
  }

  /** Saves the position a last time, and lets other processes go on from there. */
  async end(): Promise<void> {
    this.#ended.abort()
    await this.#beating
    if (this.#missing === undefined) await this.#saveOrLog({ ...this.#options.position(), beat: undefined })
  }

  async #beat(): Promise<void> {
    const { everyMs, position, onSaved, logger } = this.#options
    const { signal } = this.#ended
    for (; !signal.aborted; await sleep(everyMs, signal)) {
      await this.#saveOrLog({ ...position(), beat: randomUUID() })
      await onSaved().catch((error: unknown) =>
        logger.warn('The alias could not be looked at', errorFields(error)),
      )
    }
  }

  async #saveOrLog(change: Partial<GenerationState>): Promise<void> {
    const { logger, onMissing } = this.#options
    try {
      await this.save(change)
    } catch (error) {
      logger.error('The state of the new index could not be saved', {
        index: this.#generation.name,
        ...errorFields(error),
      })
      if (!KtError.isInstance(error, 'KT_GENERATION_MISSING')) return
      this.#missing = error
      onMissing()
    }
  }
}
