import { KtError } from '@kt/core'
import { retryAsPromised } from 'retry-as-promised'
import type { Options as RetryOptions } from 'retry-as-promised'
import { Transaction } from 'sequelize'
import type { Sequelize, TransactionOptions } from 'sequelize'
import { endOnSqlite } from './end-on-sqlite.ts'
import { guardedLogging } from './guarded-logging.ts'
import type { TransactionGuard } from './transaction-guard.ts'
import { newTransaction, optionsOf, transactionOfCls } from '../model/untyped.ts'
import type { OpenTransaction, OpenTransactionOptions } from '../model/untyped.ts'

/** The options of a write that also apply to the transaction around it. */
export interface OwnTransactionOptions {
  readonly logging?: TransactionOptions['logging']
  readonly retry?: RetryOptions
}

/** Disables the retry of a statement that is retried together with its transaction. */
export const notRetriedAlone: RetryOptions = Object.freeze({ max: 1, timeout: undefined })

/** The transaction that a statement would run in: the given one, or that of CLS unless the caller passed `null`. */
export function givenTransaction(
  sequelize: Sequelize,
  given: Transaction | null | undefined,
): Transaction | undefined {
  if (given !== undefined) return given ?? undefined
  return transactionOfCls(sequelize)
}

/**
 * Runs the work that `prepare` returns in a new transaction. `prepare` receives the transaction before it begins. CLS
 * doesn't know it, so only code that receives it explicitly runs in it.
 *
 * Sequelize's option `retry` applies to the whole transaction, because a failed statement aborts it and can't be
 * retried alone.
 */
export async function inOwnTransaction<T>(
  sequelize: Sequelize,
  guard: TransactionGuard,
  { logging, retry }: OwnTransactionOptions,
  prepare: (transaction: Transaction) => () => Promise<T>,
): Promise<T> {
  const retryOptions = { max: 1, ...optionsOf(sequelize).retry, ...retry }
  if (!mayRetry(sequelize, retryOptions)) return runOnce(sequelize, guard, logging, prepare)
  // Retry as Sequelize does for each statement. Kafka's refusals are not database failures, and were already retried.
  const outcome = await retryAsPromised(async () => {
    try {
      return { result: await runOnce(sequelize, guard, logging, prepare) }
    } catch (error) {
      if (KtError.isInstance(error)) return { error }
      throw error
    }
  }, retryOptions)
  if ('error' in outcome) throw outcome.error
  return outcome.result
}

/** Whether a retry may happen at all. By default Sequelize retries only an error that is specific to SQLite. */
function mayRetry(sequelize: Sequelize, { max, match }: RetryOptions): boolean {
  const isForSqlite = [match].flat().every((each) => each === 'SQLITE_BUSY: database is locked')
  return max !== 1 && (sequelize.getDialect() === 'sqlite' || !isForSqlite)
}

async function runOnce<T>(
  sequelize: Sequelize,
  guard: TransactionGuard,
  logging: TransactionOptions['logging'],
  prepare: (transaction: Transaction) => () => Promise<T>,
): Promise<T> {
  const options: OpenTransactionOptions = {
    retry: notRetriedAlone,
    isolationLevel: null,
    logging: guardedLogging(sequelize, logging),
    // IMMEDIATE, because a transaction that reads first could never write once another has written (SQLITE_BUSY).
    ...(sequelize.getDialect() === 'sqlite' && { type: Transaction.TYPES.IMMEDIATE }),
  }
  const transaction = newTransaction(sequelize, options)
  if (sequelize.getDialect() === 'postgres') transaction.begin = () => begin(transaction, guard, options)
  const work = prepare(transaction)
  await transaction.prepareEnvironment(false)
  let result: T
  try {
    result = await work()
  } catch (error) {
    // Report the first error to the caller. Sequelize has closed the connection.
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

/** Begins and guards the transaction on PostgreSQL with one statement instead of two. */
async function begin(
  transaction: OpenTransaction,
  guard: TransactionGuard,
  options: OpenTransactionOptions,
): Promise<void> {
  const statements = await guard.statementsFor(transaction, options)
  await transaction.sequelize.query(`START TRANSACTION; ${statements}`, { transaction, ...options })
}
