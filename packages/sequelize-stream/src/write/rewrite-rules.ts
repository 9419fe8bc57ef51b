import type { Sequelize } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import { addedStatementOptions } from './query-writes.ts'
import type { Table } from './query-writes.ts'
import type { WriteScope } from './write-scope.ts'

/** As PostgreSQL's catalogue calls the events of rules. */
const events = { UPDATE: '2', DELETE: '4' } as const

/** What is known of the tables of a database, by event and table. */
const known = new WeakMap<Sequelize, Map<string, boolean>>()

/**
 * Whether a table has rewrite rules for a kind of statement, by which PostgreSQL can't return what that writes. It is
 * looked up once.
 */
export async function hasRules(
  { model, options }: WriteScope,
  table: Table,
  event: keyof typeof events,
): Promise<boolean> {
  const sequelize = sequelizeOf(model)
  const answers = known.get(sequelize) ?? new Map<string, boolean>()
  known.set(sequelize, answers)
  const { schema, tableName } = typeof table === 'string' ? { tableName: table, schema: '' } : table
  const key = `${event} ${schema}.${tableName} ${options.searchPath}`
  const before = answers.get(key)
  if (before !== undefined) return before
  const generator = sequelize.getQueryInterface().queryGenerator as { quoteTable(table: Table): string }
  const name = generator.quoteTable(table)
  const { replacements: _, ...rest } = addedStatementOptions(options)
  const [rows] = await sequelize.query(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = ${sequelize.escape(name)}::regclass AND ev_type = '${events[event]}') AS has`,
    rest,
  )
  const has = (rows as readonly { readonly has: boolean }[])[0]?.has === true
  answers.set(key, has)
  return has
}
