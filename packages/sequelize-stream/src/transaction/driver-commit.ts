import type { QueryInterface, Sequelize, TransactionOptions } from 'sequelize'
import { isForDriver, queryByDriver } from './driver-query.ts'
import type { OpenTransaction } from './open-transaction.ts'

type CommitTransaction = (transaction: OpenTransaction, options: TransactionOptions) => Promise<void>

const committing = new WeakMap<Sequelize, Sequelize>()

/**
 * Sequelize for transactions of ours on PostgreSQL: their COMMIT goes straight to the driver, unless somebody listens to
 * queries.
 */
export function committingByDriver(sequelize: Sequelize): Sequelize {
  let derived = committing.get(sequelize)
  if (derived === undefined) {
    const queries = sequelize.getQueryInterface()
    const { commitTransaction } = queries as unknown as { commitTransaction: CommitTransaction }
    const value: CommitTransaction = (transaction, options) =>
      isForDriver(sequelize, options)
        ? commit(transaction, options)
        : commitTransaction.call(queries, transaction, options)
    const derivedQueries = Object.create(queries, { commitTransaction: { value } }) as QueryInterface
    derived = Object.create(sequelize, { getQueryInterface: { value: () => derivedQueries } }) as Sequelize
    committing.set(sequelize, derived)
  }
  return derived
}

async function commit(
  transaction: OpenTransaction & { finished?: 'commit' | 'rollback' },
  options: TransactionOptions,
): Promise<void> {
  const committed = queryByDriver(transaction, { sql: 'COMMIT;', options }, () => undefined)
  transaction.finished = 'commit'
  await committed
}
