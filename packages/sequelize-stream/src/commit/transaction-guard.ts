import type { Logger } from '@kt/core'
import type { QueryOptions, Sequelize } from 'sequelize'
import { endsTransaction } from './open-transaction.ts'
import type { OpenTransaction } from './open-transaction.ts'
import { lockExpression } from './transaction-lock.ts'

const setting = 'idle_in_transaction_session_timeout'

/**
 * Guards transactions whose delay messages come due before COMMIT is over: nobody would see what they commit then, if
 * their process died before it has sent its instant messages. The database ends one whose process has frozen, and the
 * lock of one whose COMMIT lasts tells a Delayer to wait.
 *
 * The time-out is set in each transaction, whatever `dialectOptions` ask for: a connection pooler such as PgBouncer may
 * have dropped that. A shorter one that is in force stays.
 */
export class TransactionGuard {
  readonly #timeoutMs: number
  readonly #logger: Logger
  readonly #warned = new WeakSet<Sequelize>()
  readonly #guarded = new WeakSet<OpenTransaction>()
  /** What transactions of ours get: the time-out, or the shorter one of the sessions, which is asked for once. */
  readonly #ownMs = new WeakMap<Sequelize, number>()

  constructor(timeoutMs: number, logger: Logger) {
    this.#timeoutMs = timeoutMs
    this.#logger = logger
  }

  isGuarded(transaction: OpenTransaction): boolean {
    return this.#guarded.has(transaction)
  }

  /** The statements that guard a transaction of ours as it begins; for PostgreSQL. */
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
   * Guards the caller's transaction from now on. It goes to the database while the messages go to Kafka. It is not remembered,
   * because the rollback of a savepoint undoes it.
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
        'This database can not end an idle transaction: a process that freezes right before COMMIT for longer than the delay, and dies right after it, leaves a stale document',
        { dialect: sequelize.getDialect() },
      )
    }
    return false
  }
}
