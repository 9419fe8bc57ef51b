import { defaultLogger, KtError, noopMeter } from '@kt/core'
import { optionChecker, sleep } from '@kt/core/internal'
import type { CatchUpOptions, Logger, MessageProducer, Meter, RunOptions } from '@kt/core'
import type { OutboxTable } from './outbox-table.ts'
import { RelayLoop } from './relay-loop.ts'
import { RelayPass } from './relay-pass.ts'

/** Interval at which `whenCaughtUp` counts the messages. */
const pollWhileWaitingMs = 100

/** The parts of an outbox that a relay uses. */
interface RelayedOutbox {
  readonly table: OutboxTable
  readonly batchSize: number
  create(): Promise<void>
  count(): Promise<number>
}

export interface OutboxRelayOptions {
  /** Sends the messages, such as a `Producer` of `@kt/producer`. The caller closes it. */
  readonly producer: MessageProducer
  /**
   * Interval at which an empty table is polled, in milliseconds. Shorter: messages are sent sooner. Longer: fewer
   * queries.
   *
   * @defaultValue 1_000
   */
  readonly pollMs?: number
  /**
   * Receives log lines.
   *
   * @defaultValue warnings and errors to the console
   */
  readonly logger?: Logger
  /**
   * Receives measurements.
   *
   * @defaultValue measurements are dropped
   */
  readonly meter?: Meter
}

/**
 * Sends the messages in an outbox, oldest first and at least once, and deletes those that Kafka has acknowledged.
 * Several relays may run. One of them works, and another takes over when it is gone.
 */
export class OutboxRelay implements AsyncDisposable {
  readonly #outbox: RelayedOutbox
  readonly #loop: RelayLoop
  #starting: Promise<void> | undefined
  #isRunning = false
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
    this.#loop = new RelayLoop({
      pass: new RelayPass({ table, producer, batchSize, logger, meter }),
      pollMs,
      logger,
      meter,
    })
  }

  /**
   * Starts the relay and resolves once it is running. Creates the table if it doesn't exist. Repeated calls wait for
   * the same start. After a failure, it may be called again.
   *
   * @throws KtError `KT_STREAM_FAILED` when the table doesn't exist and can't be created, `KT_ABORTED`, `KT_CLOSED`
   */
  async run({ signal }: RunOptions = {}): Promise<void> {
    if (this.#closed) throw closed('is closed')
    if (signal?.aborted)
      throw new KtError('KT_ABORTED', 'run was aborted before it started', { retryable: false })
    const starting = (this.#starting ??= this.#start(signal))
    try {
      await starting
    } catch (error) {
      if (this.#starting === starting) this.#starting = undefined
      throw error
    }
  }

  /**
   * Resolves when the table is empty, except for messages that Kafka refuses for good.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_LOAD_FAILED`, and `KT_CLOSED` when it is not running
   */
  async whenCaughtUp({ timeoutMs = 60_000, signal }: Omit<CatchUpOptions, 'ends'> = {}): Promise<void> {
    const giveUpAtMs = performance.now() + timeoutMs
    for (;;) {
      const left = await this.lag()
      if (left === 0n) return
      if (performance.now() >= giveUpAtMs)
        throw new KtError(
          'KT_CATCH_UP_TIMEOUT',
          `${left} messages are still in the outbox after ${timeoutMs} ms. Check whether Kafka can be reached`,
          { retryable: true },
        )
      await sleep(pollWhileWaitingMs, signal)
      if (signal?.aborted) throw new KtError('KT_ABORTED', 'whenCaughtUp was aborted', { retryable: false })
    }
  }

  /**
   * Counts the messages that wait in the table. Messages that Kafka refuses for good are not counted.
   *
   * @throws KtError `KT_LOAD_FAILED` with the database's error as its cause, and `KT_CLOSED` when it is not running
   */
  async lag(): Promise<bigint> {
    if (!this.isReady()) throw closed('is not running: call run() first')
    return BigInt(await this.#outbox.count())
  }

  /** Whether the relay is running. */
  isReady(): boolean {
    return this.#isRunning && !this.#closed
  }

  /** Finishes the current batch. Idempotent; never rejects. */
  async close(): Promise<void> {
    this.#closed = true
    await this.#loop.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(signal: AbortSignal | undefined): Promise<void> {
    await this.#outbox.create()
    if (signal?.aborted) throw new KtError('KT_ABORTED', 'run was aborted', { retryable: false })
    signal?.addEventListener('abort', () => void this.close(), { once: true })
    this.#isRunning = true
    this.#loop.wake()
  }
}

function closed(what: string): KtError {
  return new KtError('KT_CLOSED', `This OutboxRelay ${what}`, { retryable: false })
}
