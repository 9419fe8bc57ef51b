import type { Logger } from '@kt/core'
import type { QueryOptions, Sequelize } from 'sequelize'
import { endsTransaction } from './transaction-tree.ts'
import type { OpenTransaction } from '../model/untyped.ts'
import { lockExpression } from './transaction-lock.ts'

const setting = 'idle_in_transaction_session_timeout'

/**
 * Guards transactions whose delay messages come due before COMMIT has finished. The index would miss their changes if
 * the process then died before it sent its instant messages. The database ends a transaction whose process has frozen.
 * A lock makes a Delayer wait for a transaction whose COMMIT takes long.
 *
 * The time-out is set in each transaction, even if `dialectOptions` set one, because a connection pooler such as
 * PgBouncer may have dropped that. A shorter time-out in force is kept.
 */
export class TransactionGuard {
  readonly #timeoutMs: number
  readonly #logger: Logger
  readonly #warned = new WeakSet<Sequelize>()
  readonly #guarded = new WeakSet<OpenTransaction>()
  /** The time-out of our transactions, or the session's if it is shorter. It is looked up once. */
  readonly #ownMs = new WeakMap<Sequelize, number>()

  constructor(timeoutMs: number, logger: Logger) {
    this.#timeoutMs = timeoutMs
    this.#logger = logger
  }

  isGuarded(transaction: OpenTransaction): boolean {
    return this.#guarded.has(transaction)
  }

  /** The statements that guard one of our transactions at its beginning, for PostgreSQL. */
  async statementsFor(transaction: OpenTransaction, options: QueryOptions): Promise<string> {
    const { sequelize } = transaction
    let ownMs = this.#ownMs.get(sequelize)
    if (ownMs === undefined) {
      const [rows] = await sequelize.query(
        `SELECT extract(epoch FROM current_setting('${setting}')::interval) * 1000 AS ms`,
        { ...options, transaction },
      )
      const sessionMs = Number((rows as readonly { readonly ms: unknown }[])[0]?.ms)
      ownMs = sessionMs > 0 ? Math.min(sessionMs, this.#timeoutMs) : this.#timeoutMs
      this.#ownMs.set(sequelize, ownMs)
    }
    this.#guarded.add(transaction)
    return `SET LOCAL ${setting} = ${ownMs}; SELECT ${lockExpression(transaction)};`
  }

  /**
   * Guards the caller's transaction from now on. The statement runs while the messages are sent to Kafka. This is not
   * remembered, because rolling back a savepoint undoes it.
   */
  async guard(transaction: OpenTransaction): Promise<void> {
    const { sequelize } = transaction
    if (!this.#isSettable(sequelize)) return
    const limit = `${this.#timeoutMs}ms`
    await sequelize.query(
      `SELECT ${lockExpression(transaction)}, CASE WHEN current_setting('${setting}')::interval NOT BETWEEN '1ms' AND '${limit}' THEN set_config('${setting}', '${limit}', true) END`,
      { transaction, logging: false, ...endsTransaction },
    )
  }

  #isSettable(sequelize: Sequelize): boolean {
    if (sequelize.getDialect() === 'postgres') return true
    if (!this.#warned.has(sequelize)) {
      this.#warned.add(sequelize)
      this.#logger.warn(
        'This database cannot end idle transactions: if a process freezes before COMMIT for longer than the delay and dies right after it, a document stays stale',
        { dialect: sequelize.getDialect() },
      )
    }
    return false
  }
}
