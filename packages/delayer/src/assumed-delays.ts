import { assumedDelayMs } from '@kt/core/internal'
import type { Message } from '@kt/core'
import type { ResolvedDelayerOptions } from './options.ts'

type Options = Pick<ResolvedDelayerOptions, 'topic' | 'name' | 'delayMs' | 'logger'>

/**
 * Decides how long each message waits. A writer that relies on a longer delay than the Delayer has may commit after its
 * message came due, and the change would be missed.
 */
export class AssumedDelays {
  readonly #options: Options
  #reportedMs = 0

  constructor(options: Options) {
    this.#options = options
  }

  /** The delay of the Delayer, or the longer one that the writer of the message relies on, in milliseconds. */
  delayOf(message: Message): number {
    const { delayMs } = this.#options
    const assumedMs = assumedDelayMs(message) ?? 0
    if (assumedMs <= delayMs) return delayMs
    if (assumedMs > this.#reportedMs) this.#report(assumedMs)
    return assumedMs
  }

  #report(writersDelayMs: number): void {
    const { topic, name, delayMs, logger } = this.#options
    this.#reportedMs = writersDelayMs
    logger.warn('Writers rely on a longer delay than this Delayer has, so their messages wait that long', {
      topic,
      group: name,
      delayMs,
      writersDelayMs,
      advice: 'give the Delayer and every UpdateStreamer the same delayMs',
    })
  }
}
