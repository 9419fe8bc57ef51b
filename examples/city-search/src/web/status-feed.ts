import { setTimeout } from 'node:timers/promises'
import type { Change } from '../changes/change.ts'
import type { ChangeLog } from '../changes/change-log.ts'
import { settings } from '../settings.ts'
import { isSearchAway } from './is-search-away.ts'
import type { Lag, LagReader } from './lag-reader.ts'

export interface Status {
  /** The server's clock. The page counts down by it. */
  readonly now: number
  readonly delayMs: number
  /** Null while a service is down. */
  readonly lag: Lag | null
  /** The service that is down. */
  readonly away?: string
  readonly changes: readonly Change[]
}

/** Maximum age of the displayed lag. Pages that watch at the same time share it. */
const lagAgeMs = 500
const idleMs = 1_000
/** Limits the rate of messages to the page, because a cascade makes hundreds of changes. */
const shortestMs = 40

/** Provides the data of the live panel. */
export class StatusFeed {
  readonly #log: ChangeLog
  readonly #lagReader: Pick<LagReader, 'read'>
  #lag: { readonly value: Promise<Lag>; readonly readAt: number } | undefined

  constructor(log: ChangeLog, lagReader: Pick<LagReader, 'read'>) {
    this.#log = log
    this.#lagReader = lagReader
  }

  /** @throws the errors of kafkajs and Elasticsearch while they are down */
  async current(): Promise<Status & { readonly lag: Lag }> {
    return this.#status(await this.#readLag())
  }

  /** Yields the status now, at each change and every second, until the signal fires. */
  async *updates(signal: AbortSignal): AsyncGenerator<Status> {
    while (!signal.aborted) {
      const changed = new AbortController()
      const unsubscribe = this.#log.subscribe(() => changed.abort())
      try {
        yield await this.current().catch((error: unknown) => ({
          ...this.#status(null),
          away: awayService(error),
        }))
        // Rejects when one of the signals fires.
        await setTimeout(idleMs, undefined, { signal: AbortSignal.any([signal, changed.signal]) }).catch(
          () => undefined,
        )
      } finally {
        unsubscribe()
      }
      await setTimeout(shortestMs)
    }
  }

  #status<L extends Lag | null>(lag: L): Status & { readonly lag: L } {
    return { now: Date.now(), delayMs: settings.delayMs, lag, changes: this.#log.latest }
  }

  #readLag(): Promise<Lag> {
    const now = performance.now()
    if (this.#lag === undefined || now - this.#lag.readAt > lagAgeMs)
      this.#lag = { value: this.#lagReader.read(), readAt: now }
    return this.#lag.value
  }
}

/** Returns which service is down. */
export function awayService(error: unknown): string {
  return isSearchAway(error) ? 'Elasticsearch' : 'Kafka'
}
