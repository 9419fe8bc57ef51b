import { Transaction } from 'sequelize'
import type { Sequelize, TransactionOptions } from 'sequelize'
import { endOnSqlite } from './end-on-sqlite.ts'
import type { IdleTimeout } from './idle-timeout.ts'
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
  const transaction = new Transaction(sequelize, options) as OpenTransaction
  const bound = idleTimeout.statementFor(transaction)
  if (bound !== undefined) transaction.begin = () => beginBounded(transaction, bound, options)
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

/** As Sequelize begins on PostgreSQL, with the bound in the same round trip. */
async function beginBounded(
  transaction: OpenTransaction,
  bound: string,
  options: TransactionOptions,
): Promise<void> {
  const { sequelize } = transaction
  await sequelize.query(`START TRANSACTION; ${bound};`, { transaction, ...options })
  const queries = sequelize.getQueryInterface() as unknown as {
    setIsolationLevel(transaction: Transaction, level: unknown, options: TransactionOptions): Promise<void>
  }
  await queries.setIsolationLevel(transaction, transaction.options.isolationLevel, options)
}
