import { Transaction } from 'sequelize'
import type { Sequelize } from 'sequelize'

/** A frozen relay loses the leader lock after this time. Sending a batch never takes as long. */
const leaseMs = 30_000

/**
 * Runs `body` unless another relay of this table holds the leader lock. Only one relay may send at a time, or a
 * record's newer message could overtake an older one. The lock ends with the transaction, so no crash can leave it
 * behind.
 *
 * There is no such lock on databases other than PostgreSQL, MySQL and MariaDB. There, concurrent relays send the same
 * messages.
 *
 * @returns the result of `body`, or undefined when another relay holds the lock
 */
export async function withLeaderLock<T>(
  sequelize: Sequelize,
  table: string,
  body: (transaction: Transaction | null) => Promise<T>,
): Promise<T | undefined> {
  const dialect = sequelize.getDialect()
  if (dialect === 'postgres')
    return inTransaction(sequelize, async (transaction) => {
      const isLeader = await lockPostgres(sequelize, table, transaction)
      return isLeader ? body(transaction) : undefined
    })
  if (dialect === 'mysql' || dialect === 'mariadb')
    return inTransaction(sequelize, (transaction) => withMysqlLock(sequelize, table, transaction, body))
  return body(null)
}

/**
 * READ COMMITTED, because the transaction has to see what the previous leader deleted. A snapshot of the whole
 * transaction might not show it.
 */
async function inTransaction<T>(
  sequelize: Sequelize,
  body: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.READ_COMMITTED }, body)
}

async function lockPostgres(sequelize: Sequelize, table: string, transaction: Transaction): Promise<boolean> {
  const sql = `SELECT set_config('idle_in_transaction_session_timeout', '${leaseMs}', true), pg_try_advisory_xact_lock(hashtext('kt:outbox'), hashtext(:table)) AS leads`
  const [rows] = await sequelize.query(sql, { transaction, replacements: { table } })
  return (rows as readonly { readonly leads: boolean }[])[0]?.leads === true
}

/**
 * MySQL's lock belongs to the connection, which returns to the pool after COMMIT, so it is released before COMMIT. A
 * relay that takes it in between sends a batch once more.
 */
async function withMysqlLock<T>(
  sequelize: Sequelize,
  table: string,
  transaction: Transaction,
  body: (transaction: Transaction) => Promise<T>,
): Promise<T | undefined> {
  const lock = `CONCAT('kt:', SHA1(CONCAT(DATABASE(), '.', :table)))`
  const options = { transaction, replacements: { table } }
  const [rows] = await sequelize.query(`SELECT GET_LOCK(${lock}, 0) AS leads`, options)
  if (Number((rows as readonly { readonly leads: unknown }[])[0]?.leads) !== 1) return undefined
  try {
    return await body(transaction)
  } finally {
    await sequelize.query(`SELECT RELEASE_LOCK(${lock})`, options)
  }
}
