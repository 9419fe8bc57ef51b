import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Sequelize } from 'sequelize'
import type { Transaction } from 'sequelize'
import { deferredTable, violateLateCheck } from '../matrix/dialect.ts'
import type { Dialect } from '../matrix/dialect.ts'
import { sqlite3Module } from '../support/sqlite3-module.ts'

/** Creates a database file. */
export function sqlite(): Dialect {
  const folder = mkdtempSync(join(tmpdir(), 'kt-sqlite-'))
  return {
    name: 'sqlite',
    connect: (logging, options) =>
      new Sequelize({
        dialect: 'sqlite',
        dialectModule: sqlite3Module,
        storage: join(folder, 'matrix.db'),
        logging,
        ...options,
      }),
    commits: /COMMIT/,
    takesBatches: false,
    // Readers see committed data during a write.
    setUp: ['PRAGMA journal_mode = WAL', deferredTable],
    series: (count) =>
      `WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < ${count}) SELECT n FROM s`,
    restartKeys: ['UPDATE sqlite_sequence SET seq = 1000'],
    breakCommit: violateLateCheck,
    afterFailure: rollBack,
    close: () => Promise.resolve(rmSync(folder, { recursive: true, force: true })),
  }
}

/** Sequelize logs that it kills the connection of a transaction that could not commit, but does not do it here. */
async function rollBack(transaction: Transaction): Promise<void> {
  const { connection } = transaction as unknown as { connection: Connection }
  await new Promise<void>((resolve) => connection.run('ROLLBACK', resolve))
}

interface Connection {
  run(sql: string, done: () => void): void
}
