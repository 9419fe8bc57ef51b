import type { OpenTransaction } from './open-transaction.ts'

/** A connection of `sqlite3`. */
interface SqliteConnection {
  uuid?: string | undefined
  run(sql: string, done: () => void): void
}

interface SqliteConnections {
  readonly connections: Readonly<Record<string, SqliteConnection>>
  releaseConnection(connection: SqliteConnection): void
}

/**
 * Ends a transaction whose COMMIT has failed. Sequelize claims to kill the connection in that case. On SQLite it
 * doesn't, so the transaction would stay open and lock the database.
 */
export async function endOnSqlite(transaction: OpenTransaction): Promise<void> {
  const { sequelize, id } = transaction
  if (sequelize.getDialect() !== 'sqlite') return
  const connection = transaction.connection as unknown as SqliteConnection
  // ROLLBACK fails on a transaction that has already ended, which is fine.
  await new Promise<void>((resolve) => connection.run('ROLLBACK', resolve))
  const manager = sequelize.connectionManager as unknown as SqliteConnections
  if (manager.connections[id] !== connection) return
  connection.uuid = id
  manager.releaseConnection(connection)
}
