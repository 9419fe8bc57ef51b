import type { Logger } from '@kt/core'
import type { Sequelize } from 'sequelize'
import type { OpenTransaction } from './open-transaction.ts'

/**
 * Sees to it that the database ends a transaction whose process has frozen between the acknowledgement of its delay
 * messages and COMMIT, before those come due. Otherwise it might commit after they were read, and die before it has
 * sent its instant messages.
 */
export class IdleTimeout {
  readonly #timeoutMs: number
  readonly #logger: Logger
  readonly #warned = new WeakSet<Sequelize>()
  /** What marks a bounded transaction: on itself, as its changes are. */
  readonly #isBound = Symbol('KafkaTools idle timeout')

  constructor(timeoutMs: number, logger: Logger) {
    this.#timeoutMs = timeoutMs
    this.#logger = logger
  }

  /** The statement that bounds a transaction of ours from its start; undefined when nothing is to be set. */
  statementFor(transaction: OpenTransaction): string | undefined {
    const { sequelize } = transaction
    if (!this.#isSettable(sequelize) || this.#isConfigured(sequelize)) return undefined
    Object.assign(transaction, { [this.#isBound]: true })
    return `SET LOCAL idle_in_transaction_session_timeout = ${this.#timeoutMs}`
  }

  isBound(transaction: OpenTransaction): boolean {
    return this.#isBound in transaction
  }

  /** Bounds the caller's transaction, from now on. It goes to the database while the messages go to Kafka. */
  async bound(transaction: OpenTransaction): Promise<void> {
    const statement = this.statementFor(transaction)
    if (statement !== undefined) await transaction.sequelize.query(statement, { transaction, logging: false })
  }

  #isSettable(sequelize: Sequelize): boolean {
    if (sequelize.getDialect() === 'postgres') return true
    if (!this.#warned.has(sequelize)) {
      this.#warned.add(sequelize)
      this.#logger.warn(
        'This database can not end an idle transaction: a process that freezes right before COMMIT for longer than the delay, and dies right after it, leaves a stale document',
        { dialect: sequelize.getDialect() },
      )
    }
    return false
  }

  /** Whether every connection has a time-out that is short enough, from `dialectOptions`. */
  #isConfigured(sequelize: Sequelize): boolean {
    const { dialectOptions } = (sequelize as unknown as { options: { dialectOptions?: object } }).options
    const configured = (dialectOptions as Record<string, unknown> | undefined)?.[
      'idle_in_transaction_session_timeout'
    ]
    return typeof configured === 'number' && configured > 0 && configured <= this.#timeoutMs
  }
}
