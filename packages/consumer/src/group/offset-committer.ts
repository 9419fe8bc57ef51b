import { errorFields } from '@kt/core'
import { sleep } from '@kt/core/internal'
import type { Logger } from '@kt/core'
import type { Backoff } from '@kt/core/internal'

export interface OffsetCommitterOptions {
  /** Sends one commit request. */
  readonly send: (offsets: ReadonlyMap<number, bigint>) => Promise<void>
  readonly backoff: Backoff
  readonly logger: Logger
}

/**
 * The shortest time between two commits. A commit costs the broker and this process as much as fetching a message. After
 * a crash, the messages of this time are delivered again.
 */
const intervalMs = 25

/**
 * Commits offsets, one request at a time. A single one is sent at once. Offsets that arrive soon after it are sent
 * together in the next request. A failed commit is retried until it succeeds or the partition goes to another member.
 * Handlers never see the failure.
 */
export class OffsetCommitter {
  readonly #options: OffsetCommitterOptions
  readonly #pending = new Map<number, bigint>()
  readonly #stopped = new AbortController()
  readonly #closing = new AbortController()
  #nextAtMs = 0
  #draining: Promise<void> | undefined

  constructor(options: OffsetCommitterOptions) {
    this.#options = options
  }

  /** Schedules a commit of `offset`. */
  commit(partition: number, offset: bigint): void {
    this.#pending.set(partition, offset)
    this.#draining ??= this.#drain()
  }

  /** Drops the pending offset of a partition that went to another member. */
  forget(partition: number): void {
    this.#pending.delete(partition)
  }

  /**
   * Resolves when all offsets are committed, or after `timeoutMs`. Messages not committed by then are delivered again.
   */
  async close(timeoutMs: number): Promise<void> {
    this.#closing.abort()
    await Promise.race([this.#draining, sleep(timeoutMs, this.#stopped.signal)])
    this.#stopped.abort()
  }

  async #drain(): Promise<void> {
    for (let attempt = 1; this.#pending.size > 0 && !this.#stopped.signal.aborted; attempt += 1) {
      const earlyMs = this.#nextAtMs - performance.now()
      if (earlyMs > 0) await sleep(earlyMs, this.#closing.signal)
      const offsets = new Map(this.#pending)
      if (offsets.size === 0) break
      this.#nextAtMs = performance.now() + intervalMs
      try {
        await this.#options.send(offsets)
        attempt = 0
        // Keeps newer offsets that arrived meanwhile.
        for (const [partition, offset] of offsets)
          if (this.#pending.get(partition) === offset) this.#pending.delete(partition)
      } catch (error) {
        this.#options.logger.warn('Committing offsets failed, retrying', {
          attempt,
          ...errorFields(error),
        })
        await sleep(this.#options.backoff(attempt), this.#stopped.signal)
      }
    }
    // Set synchronously after the last check of `#pending`. Otherwise a commit in between would not be sent.
    this.#draining = undefined
  }
}
