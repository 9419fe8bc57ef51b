import { errorFields } from '@kt/core'
import type { Logger, Meter } from '@kt/core'

/**
 * `closed`: writes go through Kafka. `open`: Kafka is considered away, and writes go to the outbox. `half-open`: writes
 * still go to the outbox, while one message probes whether Kafka is back.
 */
export type CircuitState = 'closed' | 'open' | 'half-open'

export interface CircuitBreakerOptions {
  /** How long to wait after a failure before the next probe, in milliseconds. */
  readonly probeMs: number
  readonly logger: Logger
  readonly meter: Meter
  readonly now?: () => number
}

/** Remembers that Kafka is away, so that not every write has to wait for its own time-out. */
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

  /** Reports that Kafka did not acknowledge a message. */
  failed(error: unknown): void {
    const { logger, probeMs } = this.#options
    // Writes that were waiting when the circuit opened fail too, and must not postpone the probe again and again.
    if (this.#state === 'open') return
    if (this.#state === 'closed')
      logger.warn(
        'Kafka does not acknowledge delay messages: changes are stored in the outbox until it does',
        errorFields(error),
      )
    this.#probeAtMs = this.#now() + probeMs
    this.#become('open')
  }

  /** Whether it is time to probe Kafka. A caller that gets `true` must report the outcome. */
  tryProbe(): boolean {
    if (this.#state !== 'open' || this.#now() < this.#probeAtMs) return false
    this.#become('half-open')
    return true
  }

  /** Reports that the probe was acknowledged. */
  succeeded(): void {
    if (this.#state === 'closed') return
    this.#options.logger.info('Kafka acknowledges delay messages again')
    this.#become('closed')
  }

  #become(state: CircuitState): void {
    this.#state = state
    this.#options.meter.add('kt_outbox_circuit_total', 1, { to: state })
  }
}
