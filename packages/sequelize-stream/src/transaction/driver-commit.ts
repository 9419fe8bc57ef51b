import type { QueryInterface, Sequelize, TransactionOptions } from 'sequelize'
import { logStatement } from './log-statement.ts'
import type { OpenTransaction } from './open-transaction.ts'

/** A client of `pg`. */
interface PgClient {
  query(sql: string, callback: (error: Error | null | undefined) => void): unknown
}

/** Sequelize's query of one statement; it knows the driver's errors. */
type QueryClass = new (
  client: PgClient,
  sequelize: Sequelize,
  options: object,
) => { formatError(error: Error, stack: string | undefined): Error }

type CommitTransaction = (transaction: OpenTransaction, options: TransactionOptions) => Promise<void>

/** What Sequelize's types leave out. */
interface Internals {
  readonly dialect: { readonly Query: QueryClass }
  readonly options: { readonly benchmark?: boolean }
  hasHook(name: 'beforeQuery' | 'afterQuery'): boolean
}

const committing = new WeakMap<Sequelize, Sequelize>()

/**
 * Sequelize for transactions of ours on PostgreSQL: their COMMIT goes straight to the driver, unless somebody listens to
 * queries. What Sequelize does around a query, and a COMMIT has no use for, takes as long as all that we do for a write.
 */
export function committingByDriver(sequelize: Sequelize): Sequelize {
  let derived = committing.get(sequelize)
  if (derived === undefined) {
    const queries = sequelize.getQueryInterface()
    const { commitTransaction } = queries as unknown as { commitTransaction: CommitTransaction }
    const value: CommitTransaction = (transaction, options) =>
      isListenedTo(sequelize)
        ? commitTransaction.call(queries, transaction, options)
        : commit(sequelize, transaction, options)
    const derivedQueries = Object.create(queries, { commitTransaction: { value } }) as QueryInterface
    derived = Object.create(sequelize, { getQueryInterface: { value: () => derivedQueries } }) as Sequelize
    committing.set(sequelize, derived)
  }
  return derived
}

/** Whether somebody hears, or takes the place, of what Sequelize does for a statement. */
export function isListenedTo(sequelize: Sequelize): boolean {
  const internals = sequelize as unknown as Internals
  return (
    internals.options.benchmark === true ||
    Object.hasOwn(sequelize, 'query') ||
    internals.hasHook('beforeQuery') ||
    internals.hasHook('afterQuery')
  )
}

async function commit(
  sequelize: Sequelize,
  transaction: OpenTransaction & { finished?: 'commit' | 'rollback' },
  options: TransactionOptions,
): Promise<void> {
  const client = transaction.connection as PgClient
  const sql = 'COMMIT;'
  logStatement(transaction, sql, options)
  const committed = new Promise<void>((resolve, reject) => {
    client.query(sql, (error) => (error ? reject(error) : resolve()))
  })
  transaction.finished = 'commit'
  try {
    await committed
  } catch (error) {
    const { Query } = (sequelize as unknown as Internals).dialect
    const query = new Query(client, sequelize, { ...options, logging: false })
    throw query.formatError(Object.assign(error as Error, { sql }), new Error(sql).stack)
  }
}
