import type { Logger } from '@kt/core'
import type { Sequelize } from 'sequelize'
import type { OpenTransaction } from './open-transaction.ts'

const setting = 'idle_in_transaction_session_timeout'

/**
 * Sees to it that the database ends a transaction whose process has frozen between the acknowledgement of its delay
 * messages and COMMIT, before those come due. Otherwise it might commit after they were read, and die before it has
 * sent its instant messages.
 */
export class IdleTimeout {
  readonly #timeoutMs: number
  readonly #logger: Logger
  readonly #warned = new WeakSet<Sequelize>()
  readonly #bound = new WeakSet<OpenTransaction>()

  constructor(timeoutMs: number, logger: Logger) {
    this.#timeoutMs = timeoutMs
    this.#logger = logger
  }

  /**
   * The statement that bounds a transaction, unless a shorter time-out is in force; undefined where the database has
   * none. What is in force is for the server to say: a connection pooler such as PgBouncer may have dropped the start-up
   * parameter that `dialectOptions` asks for.
   */
  statementFor(transaction: OpenTransaction): string | undefined {
    if (!this.#isSettable(transaction.sequelize)) return undefined
    this.#bound.add(transaction)
    const limit = `${this.#timeoutMs}ms`
    return `SELECT set_config('${setting}', '${limit}', true) WHERE current_setting('${setting}')::interval NOT BETWEEN '1ms' AND '${limit}'`
  }

  isBound(transaction: OpenTransaction): boolean {
    return this.#bound.has(transaction)
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
}
