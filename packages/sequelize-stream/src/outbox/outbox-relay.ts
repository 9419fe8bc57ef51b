import { defaultLogger, KtError, noopMeter, optionChecker } from '@kt/core'
import type { Logger, MessageProducer, Meter } from '@kt/core'
import type { OutboxTable } from './outbox-table.ts'
import { RelayLoop } from './relay-loop.ts'
import { RelayPass } from './relay-pass.ts'

/** What a relay needs of an outbox. */
interface RelayedOutbox {
  readonly table: OutboxTable
  readonly batchSize: number
  create(): Promise<void>
}

export interface OutboxRelayOptions {
  /** Sends the messages, such as a `Producer` of `@kt/producer`. It stays the caller's to close. */
  readonly producer: MessageProducer
  /**
   * How often an empty table is looked at, in milliseconds. Shorter: messages leave sooner. Longer: fewer queries.
   *
   * @defaultValue 1_000
   */
  readonly pollMs?: number
  /** Closes the relay when it fires. */
  readonly signal?: AbortSignal
  /** @defaultValue warnings and errors to the console */
  readonly logger?: Logger
  /** @defaultValue measurements are dropped */
  readonly meter?: Meter
}

/**
 * Sends what is in an outbox, oldest first, at least once, and deletes what Kafka has acknowledged. Several may run:
 * one of them works, and another takes over when it is gone.
 */
export class OutboxRelay implements AsyncDisposable {
  readonly #outbox: RelayedOutbox
  readonly #loop: RelayLoop
  readonly #signal: AbortSignal | undefined
  readonly #close = (): void => void this.close()
  #closed = false

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(outbox: RelayedOutbox, options: OutboxRelayOptions) {
    const check = optionChecker('OutboxRelay')
    const logger = check.port('logger', options.logger ?? defaultLogger, ['debug', 'info', 'warn', 'error'])
    const meter = check.port('meter', options.meter ?? noopMeter, ['add', 'record'])
    const producer = check.port('producer', options.producer, ['produce', 'batch'])
    const pollMs = check.integer('pollMs', options.pollMs ?? 1_000, { min: 10 })
    const { table, batchSize } = outbox
    this.#outbox = outbox
    this.#signal = options.signal
    this.#loop = new RelayLoop({
      pass: new RelayPass({ table, producer, batchSize, logger, meter }),
      pollMs,
      logger,
      meter,
    })
  }

  /**
   * Starts; resolves when it is at work. Creates the table if there is none.
   *
   * @throws KtError `KT_STREAM_FAILED` when the table is not there and can't be created, `KT_ABORTED`, `KT_CLOSED`
   */
  async run(): Promise<void> {
    if (this.#closed) throw new KtError('KT_CLOSED', 'The OutboxRelay is closed', { retryable: false })
    if (this.#signal?.aborted)
      throw new KtError('KT_ABORTED', 'The OutboxRelay was aborted', { retryable: false })
    this.#signal?.addEventListener('abort', this.#close, { once: true })
    await this.#outbox.create()
    this.#loop.wake()
  }

  /** Finishes the batch in hand. Idempotent, never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    this.#signal?.removeEventListener('abort', this.#close)
    await this.#loop.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
