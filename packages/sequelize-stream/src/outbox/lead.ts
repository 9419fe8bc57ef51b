import { Transaction } from 'sequelize'
import type { Sequelize } from 'sequelize'

/** A relay that has frozen gives the lead up after this time. Sending a batch never takes as long. */
const leaseMs = 30_000

/**
 * Runs `body` unless another relay of this table is at it: only one at a time may send, or a record's newer message
 * could overtake an older one. The lead ends with the transaction, so that no crash can leave it behind.
 *
 * Other databases than PostgreSQL, MySQL and MariaDB have no lock for it: there, relays that run at the same time send
 * the same messages.
 *
 * @returns what `body` returned, or undefined when another relay leads
 */
export async function lead<T>(
  sequelize: Sequelize,
  table: string,
  body: (transaction: Transaction | null) => Promise<T>,
): Promise<T | undefined> {
  const dialect = sequelize.getDialect()
  if (dialect === 'postgres')
    return inTransaction(sequelize, async (transaction) => {
      const isLeader = await leadPostgres(sequelize, table, transaction)
      return isLeader ? body(transaction) : undefined
    })
  if (dialect === 'mysql' || dialect === 'mariadb')
    return inTransaction(sequelize, (transaction) => leadMysql(sequelize, table, transaction, body))
  return body(null)
}

/** What was deleted by the leader before has to be seen, which a snapshot of the whole transaction might not show. */
async function inTransaction<T>(
  sequelize: Sequelize,
  body: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return sequelize.transaction({ isolationLevel: Transaction.ISOLATION_LEVELS.READ_COMMITTED }, body)
}

async function leadPostgres(sequelize: Sequelize, table: string, transaction: Transaction): Promise<boolean> {
  const sql = `SELECT set_config('idle_in_transaction_session_timeout', '${leaseMs}', true), pg_try_advisory_xact_lock(hashtext('kt:outbox'), hashtext(:table)) AS leads`
  const [rows] = await sequelize.query(sql, { transaction, replacements: { table } })
  return (rows as readonly { readonly leads: boolean }[])[0]?.leads === true
}

/**
 * Its lock belongs to the connection, which goes back to the pool after COMMIT, so it is given back before that. Who
 * takes it in between sends a batch once more.
 */
async function leadMysql<T>(
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
