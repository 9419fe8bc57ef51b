import { errorFields, KtError } from '@kt/core'
import { backoff, sleep } from '@kt/core/internal'
import type { Logger, Meter } from '@kt/core'
import type { RelayPass } from './relay-pass.ts'

const waitAfterFailure = backoff({ initialMs: 200, maxMs: 5_000 })

export interface RelayLoopOptions {
  readonly pass: RelayPass
  /** How long to wait before polling an empty table again. If undefined, the loop waits for `wake`. */
  readonly pollMs?: number
  readonly logger: Logger
  readonly meter: Meter
}

/** Relays batches, one at a time. */
export class RelayLoop {
  readonly #options: RelayLoopOptions
  readonly #closing = new AbortController()
  #sleeping = new AbortController()
  #running: Promise<void> | undefined
  #isWoken = false

  constructor(options: RelayLoopOptions) {
    this.#options = options
  }

  /** Relays again, because there may be messages in the table. */
  wake(): void {
    this.#isWoken = true
    this.#running ??= this.#run()
  }

  /** Ends all waits, because Kafka is back. */
  resume(): void {
    this.#options.pass.resume()
    this.#sleeping.abort()
    this.wake()
  }

  /** Finishes the current batch. Idempotent; never rejects. */
  async close(): Promise<void> {
    this.#closing.abort()
    this.#sleeping.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    let failures = 0
    while (!signal.aborted) {
      this.#isWoken = false
      let waitMs: number | undefined
      try {
        waitMs = (await this.#options.pass.run()) ?? (this.#isWoken ? 0 : this.#options.pollMs)
        failures = 0
      } catch (error) {
        waitMs = this.#afterFailure(error, ++failures)
      }
      if (waitMs === undefined) break
      await this.#sleep(waitMs)
    }
    this.#running = undefined
  }

  #afterFailure(error: unknown, failures: number): number | undefined {
    const { logger, meter } = this.#options
    meter.add('kt_outbox_relay_failures_total', 1)
    if (KtError.isInstance(error, 'KT_CLOSED')) {
      logger.error(
        'The relay has stopped because the producer is closed: messages stay in the outbox',
        errorFields(error),
      )
      return undefined
    }
    logger.warn('The outbox could not be relayed; it is retried', errorFields(error))
    return waitAfterFailure(failures)
  }

  async #sleep(ms: number): Promise<void> {
    if (this.#closing.signal.aborted) return
    this.#sleeping = new AbortController()
    await sleep(ms, this.#sleeping.signal)
  }
}
