import { randomUUID } from 'node:crypto'
import { errorFields } from '@kt/core'
import { within } from '@kt/core/internal'
import type { Logger, MessageProducer, Meter } from '@kt/core'
import type { Sequelize, Transaction } from 'sequelize'
import type { ChangeLog } from '../changes/change-log.ts'
import type { LoggedChanges, MessageSender } from '../commit/message-sender.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import type { CircuitState } from './circuit-breaker.ts'
import { isForGood, notInTime } from './is-for-good.ts'
import type { Outbox } from './outbox.ts'
import { RelayLoop } from './relay-loop.ts'
import { RelayPass } from './relay-pass.ts'

export interface OutboxFallbackOptions {
  readonly outbox: Outbox
  readonly producer: MessageProducer
  readonly sender: MessageSender
  readonly logger: Logger
  readonly meter: Meter
}

/** Stores the changes of an `UpdateStreamer` in the outbox when Kafka does not acknowledge their delay messages. */
export class OutboxFallback {
  readonly #outbox: Outbox
  readonly #sender: MessageSender
  readonly #logger: Logger
  readonly #meter: Meter
  readonly #circuit: CircuitBreaker
  readonly #relay: RelayLoop | undefined
  readonly #probes = new Set<Promise<void>>()
  #begun: Promise<void> | undefined

  constructor({ outbox, producer, sender, logger, meter }: OutboxFallbackOptions) {
    const { table, batchSize, probeMs } = outbox
    this.#outbox = outbox
    this.#sender = sender
    this.#logger = logger
    this.#meter = meter
    this.#circuit = new CircuitBreaker({ probeMs, logger, meter })
    if (!outbox.relays) return
    const pass = new RelayPass({ table, producer, batchSize, logger, meter })
    this.#relay = new RelayLoop({ pass, logger, meter })
  }

  get circuit(): CircuitState {
    return this.#circuit.state
  }

  /** Whether transactions of this Sequelize instance can write to the outbox. */
  covers(sequelize: Sequelize): boolean {
    return this.#outbox.table.sequelize === sequelize
  }

  /**
   * Creates the table if it doesn't exist, and relays messages that another process may have left in it. After that,
   * the table isn't used until Kafka is away.
   *
   * @throws KtError `KT_STREAM_FAILED`
   */
  async begin(): Promise<void> {
    this.#begun ??= this.#outbox.create().then(() => this.#relay?.wake())
    try {
      await this.#begun
    } catch (error) {
      this.#begun = undefined
      throw error
    }
  }

  /**
   * Begins at the first write, unless the application has called `start`. A failure is only logged, because COMMIT
   * finds out whether it matters.
   */
  async tryBegin(): Promise<void> {
    await this.begin().catch((error: unknown) =>
      this.#logger.debug('The outbox is not ready', errorFields(error)),
    )
  }

  /**
   * Sends delay messages unless Kafka is known to be away.
   *
   * @returns whether Kafka has acknowledged them; if not, the outbox has to store them
   * @throws errors of the producer that would recur at any other time
   */
  async sendDelays(logged: LoggedChanges): Promise<boolean> {
    if (this.#circuit.state !== 'closed') return false
    try {
      return await this.#sender.sendDelays(logged, (sending) => this.#inTime(sending))
    } catch (error) {
      // The relay could not send them later either, and a closed producer should not go unnoticed.
      if (isForGood(error)) throw error
      this.#circuit.failed(error)
      return false
    }
  }

  /**
   * Stores the changes in the transaction that made them. COMMIT has to follow immediately, because rolling back a
   * savepoint would remove them.
   *
   * @returns the change id
   */
  async store(log: ChangeLog<unknown>, transaction: Transaction): Promise<string> {
    // Creating the table uses another connection. Don't wait any longer if the pool has none left, because this
    // transaction occupies one itself.
    await this.#inTime(this.#outbox.create(), 'The outbox could not get a connection from the pool')
    // Use a new id. Delay messages that have arrived after all must not pass for the change that is committed only now.
    const changeId = randomUUID()
    let index = 0
    for (const chunk of log.chunks()) {
      const messages = chunk.map(({ topic, key, value }) => ({
        topic,
        key,
        value,
        changeId: `${changeId}.${index++}`,
      }))
      await this.#outbox.table.insert(messages, transaction)
    }
    this.#meter.add('kt_outbox_stored_total', index)
    return changeId
  }

  /** Reports that changes have been committed with the outbox. */
  committed(log: ChangeLog<unknown>, changeId: string): void {
    if (!this.#circuit.tryProbe()) return
    const probing = this.#probe(log, changeId).finally(() => this.#probes.delete(probing))
    this.#probes.add(probing)
  }

  /** Reports that a transaction with stored changes has ended, or that the outcome of its COMMIT is unknown. */
  ended(): void {
    this.#relay?.wake()
  }

  /** Finishes current work. Messages in the table stay there for another process. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([this.#relay?.close(), ...this.#probes])
  }

  #inTime<T>(working: Promise<T>, what?: string): Promise<T> {
    const { waitMs } = this.#outbox
    return within(waitMs, working, notInTime(waitMs, what))
  }

  /** Probes Kafka with one message. Nothing waits for it. It does no harm that the outbox contains the same change. */
  async #probe(log: ChangeLog<unknown>, changeId: string): Promise<void> {
    try {
      await this.#inTime(this.#sender.sendFirstDelay({ log, changeId }))
    } catch (error) {
      // A refusal also shows that Kafka is back.
      if (!isForGood(error)) return this.#circuit.failed(error)
    }
    this.#circuit.succeeded()
    this.#relay?.resume()
  }
}
