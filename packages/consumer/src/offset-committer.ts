import { errorFields, sleep } from '@kt/core'
import type { Backoff, Logger } from '@kt/core'

export interface OffsetCommitterOptions {
  /** Sends one commit request. */
  readonly send: (offsets: ReadonlyMap<number, bigint>) => Promise<void>
  readonly backoff: Backoff
  readonly logger: Logger
}

/**
 * Commits offsets, one request at a time: those that come meanwhile wait and go together. A failure never reaches the
 * handlers, whose work is done; it is tried again until it succeeds or the partition belongs to somebody else.
 */
export class OffsetCommitter {
  readonly #options: OffsetCommitterOptions
  readonly #pending = new Map<number, bigint>()
  readonly #stopped = new AbortController()
  #draining: Promise<void> | undefined

  constructor(options: OffsetCommitterOptions) {
    this.#options = options
  }

  /** Commits `offset` for the partition soon. */
  commit(partition: number, offset: bigint): void {
    this.#pending.set(partition, offset)
    this.#draining ??= this.#drain()
  }

  /** Drops what has not been sent for a partition that is no longer ours. */
  forget(partition: number): void {
    this.#pending.delete(partition)
  }

  /** Resolves when all is committed, or `timeoutMs` has passed; what is open then is delivered again. */
  async close(timeoutMs: number): Promise<void> {
    await Promise.race([this.#draining, sleep(timeoutMs, this.#stopped.signal)])
    this.#stopped.abort()
  }

  async #drain(): Promise<void> {
    for (let attempt = 1; this.#pending.size > 0 && !this.#stopped.signal.aborted; attempt += 1) {
      const offsets = new Map(this.#pending)
      try {
        await this.#options.send(offsets)
        attempt = 0
        // A newer offset may have come meanwhile, or the partition may have gone: only what was sent is done.
        for (const [partition, offset] of offsets)
          if (this.#pending.get(partition) === offset) this.#pending.delete(partition)
      } catch (error) {
        this.#options.logger.warn('Committing offsets failed, trying again', {
          attempt,
          ...errorFields(error),
        })
        await sleep(this.#options.backoff(attempt), this.#stopped.signal)
      }
    }
    // In the same breath as the look at what is pending: a commit in between would wait for the next one.
    this.#draining = undefined
  }
}
