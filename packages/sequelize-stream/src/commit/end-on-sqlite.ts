import { sqliteConnectionOf, sqliteConnectionsOf } from '../model/untyped.ts'
import type { OpenTransaction } from '../model/untyped.ts'

/**
 * Ends a transaction whose COMMIT has failed. Sequelize claims to kill the connection in that case. On SQLite it
 * doesn't, so the transaction would stay open and lock the database.
 */
export async function endOnSqlite(transaction: OpenTransaction): Promise<void> {
  const { sequelize, id } = transaction
  if (sequelize.getDialect() !== 'sqlite') return
  const connection = sqliteConnectionOf(transaction)
  // ROLLBACK fails on a transaction that has already ended, which is fine.
  await new Promise<void>((resolve) => connection.run('ROLLBACK', resolve))
  const manager = sqliteConnectionsOf(sequelize)
  if (manager.connections[id] !== connection) return
  connection.uuid = id
  manager.releaseConnection(connection)
}
