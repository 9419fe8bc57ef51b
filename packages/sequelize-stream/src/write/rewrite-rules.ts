import { QueryTypes } from 'sequelize'
import type { Sequelize } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import { addedStatementOptions } from './query-writes.ts'
import type { Table } from './query-writes.ts'
import type { WriteScope } from './write-scope.ts'

type Event = 'UPDATE' | 'DELETE'

/** The condition, on PostgreSQL's catalogue, that it may do something else in place of a statement. */
function rewrites(event: Event, table: string): string {
  const type = event === 'UPDATE' ? '2' : '4'
  const rules = `EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = ${table} AND ev_type = '${type}')`
  if (event === 'UPDATE') return rules
  // Bits of tgtype: 2 before, 8 delete, 64 instead of.
  return `${rules} OR EXISTS (SELECT FROM pg_catalog.pg_trigger WHERE tgrelid = ${table} AND NOT tgisinternal AND tgtype & 66 <> 0 AND tgtype & 8 <> 0)`
}

/** What is known of the tables of a database, by event and table. */
const known = new WeakMap<Sequelize, Map<string, boolean>>()

/**
 * Whether PostgreSQL may do something else in place of a statement: by rewrite rules, which keep it from returning what
 * it writes, or by triggers before a DELETE, as for a soft one. It is looked up once.
 */
export async function isRewritten(
  { model, options }: WriteScope,
  table: Table,
  event: Event,
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
    `SELECT ${rewrites(event, `${sequelize.escape(name)}::regclass`)} AS has`,
    { ...rest, type: QueryTypes.RAW },
  )
  const has = (rows as readonly { readonly has: boolean }[])[0]?.has === true
  answers.set(key, has)
  return has
}
