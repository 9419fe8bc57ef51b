import { errorFields } from '@kt/core'
import type { Logger, Meter } from '@kt/core'

/**
 * `closed`: writes go by Kafka. `open`: Kafka is taken for away, and they go by the outbox. `half-open`: so they do,
 * and one message is on its way to find out whether Kafka is back.
 */
export type CircuitState = 'closed' | 'open' | 'half-open'

export interface CircuitBreakerOptions {
  /** How long Kafka is left alone after it has failed, in milliseconds. */
  readonly probeMs: number
  readonly logger: Logger
  readonly meter: Meter
  readonly now?: () => number
}

/** Remembers that Kafka is away, so that not every write has to wait until it has found out by itself. */
export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions
  readonly #now: () => number
  #state: CircuitState = 'closed'
  #probeAtMs = 0

  constructor(options: CircuitBreakerOptions) {
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
  }

  get state(): CircuitState {
    return this.#state
  }

  /** Kafka did not take something. */
  failed(error: unknown): void {
    const { logger, probeMs } = this.#options
    // Those that were waiting when it opened fail too, and must not put the probe off again and again.
    if (this.#state === 'open') return
    if (this.#state === 'closed')
      logger.warn('Kafka takes no delay messages: changes go to the outbox until it does', errorFields(error))
    this.#probeAtMs = this.#now() + probeMs
    this.#become('open')
  }

  /** Whether it is time to try Kafka. The one who is told so has to say how it went. */
  tryProbe(): boolean {
    if (this.#state !== 'open' || this.#now() < this.#probeAtMs) return false
    this.#become('half-open')
    return true
  }

  /** The probe was acknowledged. */
  succeeded(): void {
    if (this.#state === 'closed') return
    this.#options.logger.info('Kafka takes delay messages again')
    this.#become('closed')
  }

  #become(state: CircuitState): void {
    this.#state = state
    this.#options.meter.add('kt_outbox_circuit_total', 1, { to: state })
  }
}
