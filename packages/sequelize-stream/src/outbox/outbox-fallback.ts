import { randomUUID } from 'node:crypto'
import { errorFields, within } from '@kt/core'
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

/** What an `UpdateStreamer` does with changes whose delay messages Kafka does not take. */
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

  /** Whether transactions there can write to the outbox. */
  covers(sequelize: Sequelize): boolean {
    return this.#outbox.table.sequelize === sequelize
  }

  /**
   * Sees to the table, and relays what another process may have left in it. After that, the table is left alone until
   * Kafka is away.
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

  /** Begins at the first write, if the application did not say so before. A failure is for the COMMIT to judge. */
  async tryBegin(): Promise<void> {
    await this.begin().catch((error: unknown) =>
      this.#logger.debug('The outbox is not ready', errorFields(error)),
    )
  }

  /**
   * Sends delay messages unless Kafka is known to be away.
   *
   * @returns whether Kafka has acknowledged them; if not, the outbox is to take them
   * @throws what the producer throws that would be the same at any other time
   */
  async sendDelays(logged: LoggedChanges): Promise<boolean> {
    if (this.#circuit.state !== 'closed') return false
    try {
      return await this.#sender.sendDelays(logged, (sending) => this.#inTime(sending))
    } catch (error) {
      // The relay could not send them later, either; nor should a closed producer go unnoticed.
      if (isForGood(error)) throw error
      this.#circuit.failed(error)
      return false
    }
  }

  /**
   * Stores the changes with what the transaction has written. It has to commit next: a savepoint that is rolled back
   * would take them along.
   *
   * @returns the change id
   */
  async store(log: ChangeLog<unknown>, transaction: Transaction): Promise<string> {
    // By another connection: where the pool has none left, waiting any longer would keep it from having one.
    await this.#inTime(this.#outbox.create(), 'The database had no connection for the outbox')
    // A new one: should some of the delay messages have arrived, they must not pass for what is committed only now.
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

  /** Changes have been committed with the outbox. */
  committed(log: ChangeLog<unknown>, changeId: string): void {
    if (!this.#circuit.tryProbe()) return
    const probing = this.#probe(log, changeId).finally(() => this.#probes.delete(probing))
    this.#probes.add(probing)
  }

  /** A transaction that has stored something is over, or what became of its COMMIT is not known. */
  ended(): void {
    this.#relay?.wake()
  }

  /** Finishes what is in hand. What is in the table stays there for another process. Never rejects. */
  async close(): Promise<void> {
    await Promise.all([this.#relay?.close(), ...this.#probes])
  }

  #inTime<T>(working: Promise<T>, what?: string): Promise<T> {
    const { waitMs } = this.#outbox
    return within(waitMs, working, notInTime(waitMs, what))
  }

  /** Nobody waits for it, and it does no harm that the outbox has the same change. */
  async #probe(log: ChangeLog<unknown>, changeId: string): Promise<void> {
    try {
      await this.#inTime(this.#sender.sendFirstDelay({ log, changeId }))
    } catch (error) {
      // A refusal is an answer.
      if (!isForGood(error)) return this.#circuit.failed(error)
    }
    this.#circuit.succeeded()
    this.#relay?.resume()
  }
}
