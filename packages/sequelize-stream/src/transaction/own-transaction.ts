import { Transaction } from 'sequelize'
import type { Sequelize, TransactionOptions } from 'sequelize'
import { beginWithStatement } from './begin-with-statement.ts'
import { committingByDriver } from './driver-commit.ts'
import { endOnSqlite } from './end-on-sqlite.ts'
import type { IdleTimeout } from './idle-timeout.ts'
import { logStatement } from './log-statement.ts'
import type { OpenTransaction } from './open-transaction.ts'

type Logging = TransactionOptions['logging']

/** The transaction that a statement would run in: the one given, else that of CLS unless the caller said `null`. */
export function givenTransaction(
  sequelize: Sequelize,
  given: Transaction | null | undefined,
): Transaction | undefined {
  if (given !== undefined) return given ?? undefined
  const cls = (sequelize.constructor as { readonly _cls?: { get(name: string): unknown } })._cls
  return (cls?.get('transaction') as Transaction | null | undefined) ?? undefined
}

/** Runs `body` in a transaction of ours, which is not that of CLS: only what gets it explicitly is in it. */
export async function inOwnTransaction<T>(
  sequelize: Sequelize,
  idleTimeout: IdleTimeout,
  logging: Logging,
  body: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  const options: TransactionOptions = {
    ...(logging !== undefined && { logging }),
    // A transaction that reads first could not write any more once another has written: SQLITE_BUSY, for good.
    ...(sequelize.getDialect() === 'sqlite' && { type: Transaction.TYPES.IMMEDIATE }),
  }
  const isPostgres = sequelize.getDialect() === 'postgres'
  const owner = isPostgres ? committingByDriver(sequelize) : sequelize
  const transaction = new Transaction(owner, options) as OpenTransaction
  if (isPostgres) Object.assign(transaction, { begin: () => begin(transaction, idleTimeout, options) })
  await transaction.prepareEnvironment(false)
  let result: T
  try {
    result = await body(transaction)
  } catch (error) {
    // What went wrong first is what the caller has to know; Sequelize has closed the connection.
    await transaction.rollback().catch(() => undefined)
    throw error
  }
  try {
    await transaction.commit()
  } catch (error) {
    await endOnSqlite(transaction)
    throw error
  }
  return result
}

/** Begins on PostgreSQL, bounded, and without a round trip of its own if the driver allows that. */
async function begin(
  transaction: OpenTransaction,
  idleTimeout: IdleTimeout,
  options: TransactionOptions,
): Promise<void> {
  const { sequelize } = transaction
  const bound = idleTimeout.statementFor(transaction)
  const { isolationLevel } = transaction.options
  const statements = ['START TRANSACTION']
  if (bound !== undefined) statements.push(bound)
  if (isolationLevel) statements.push(`SET TRANSACTION ISOLATION LEVEL ${isolationLevel}`)
  if (beginWithStatement(transaction, statements))
    logStatement(transaction, `${statements.join('; ')};`, options)
  else await sequelize.query(`${statements.join('; ')};`, { transaction, ...options })
}
