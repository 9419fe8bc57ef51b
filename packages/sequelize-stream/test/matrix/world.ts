import { silentLogger } from '@kt/core'
import type { Model, ModelStatic, Sequelize, Transaction } from 'sequelize'
import { updateStream, UpdateStreamer } from '../../src/index.ts'
import type { Dialect } from './dialect.ts'
import { Journal } from './journal.ts'
import { defineMatrixModels } from './models.ts'
import type { MatrixModels } from './models.ts'
import { idOf, tables } from './tables.ts'
import type { Dump, TableRow } from './tables.ts'

/** Streamed models on a database, and another connection that sees only committed data. */
export interface World {
  readonly dialect: Dialect
  readonly sequelize: Sequelize
  readonly models: MatrixModels
  readonly streamer: UpdateStreamer
  readonly journal: Journal
  readonly other: Sequelize
  /** Returns all rows as others see them, or as this transaction sees them. */
  dump(transaction?: Transaction): Promise<Dump>
  reset(): Promise<void>
  close(): Promise<void>
}

export async function createWorld(dialect: Dialect): Promise<World> {
  const other = dialect.connect(() => undefined)
  const journal = new Journal(() => dumpOf(other, dialect), dialect.commits)
  const sequelize = dialect.connect(journal.log)
  const models = defineMatrixModels(sequelize)
  await sequelize.sync({ force: true })
  for (const sql of dialect.setUp) await other.query(sql)
  const streamer = new UpdateStreamer({ producer: journal, logger: silentLogger })
  for (const model of Object.values(models) as ModelStatic<Model>[])
    updateStream(model, { updateStreamer: streamer })
  return {
    dialect,
    sequelize,
    models,
    streamer,
    journal,
    other,
    dump: (transaction) => (transaction ? dumpOf(sequelize, dialect, transaction) : dumpOf(other, dialect)),
    reset: () => resetTables(other, dialect),
    close: async () => {
      await streamer.close()
      await Promise.all([sequelize.close(), other.close()])
    },
  }
}

/** Replaces all rows with the initial rows of every test. */
export async function resetTables(sequelize: Sequelize, dialect: Dialect): Promise<void> {
  const deletes = Object.keys(tables).map((table) => `DELETE FROM ${table}`)
  const inserts = Object.entries(tables).map(([table, { seed }]) => `INSERT INTO ${table} ${seed}`)
  const statements = [...deletes.toReversed(), ...inserts, ...dialect.restartKeys]
  // One batch or one transaction, because SQLite would write each statement to the disk.
  const batch = dialect.takesBatches ? [statements.join('; ')] : ['BEGIN', ...statements, 'COMMIT']
  for (const sql of batch) await sequelize.query(sql)
}

async function dumpOf(sequelize: Sequelize, dialect: Dialect, transaction?: Transaction): Promise<Dump> {
  const selects = Object.keys(tables).map((table) => `SELECT '${table}' AS of_table, t.* FROM ${table} t`)
  // Runs without a transaction, even if CLS has one.
  const options = { transaction: transaction ?? null, logging: false } as unknown as { logging: false }
  const rows: TableRow[] = []
  for (const sql of dialect.takesBatches ? [selects.join('; ')] : selects) {
    const [found] = await sequelize.query(sql, options)
    rows.push(...(found.flat() as TableRow[]))
  }
  const named = rows.map(({ of_table: table, ...row }) => {
    const comparable = comparableRow(row)
    return [String(table), idOf(String(table), comparable), comparable] as const
  })
  const dump = new Map(Object.keys(tables).map((table) => [table, new Map<string, TableRow>()]))
  for (const [table, id, row] of named.toSorted(([, one], [, other]) => (one < other ? -1 : 1)))
    dump.get(table)?.set(id, row)
  return dump
}

/** Converts the drivers' types for large numbers and times. */
function comparableRow(row: TableRow): TableRow {
  const entries = Object.entries(row).map(([column, value]) => {
    if (typeof value === 'bigint') return [column, value.toString()]
    return [column, value instanceof Date ? value.toISOString() : value]
  })
  return Object.fromEntries(entries) as TableRow
}
