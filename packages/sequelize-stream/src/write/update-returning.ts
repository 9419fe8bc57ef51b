import { columnOf, sequelizeOf, toAttributes, valuesOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { addedStatementOptions } from './query-writes.ts'
import type { QueryWrites, Table } from './query-writes.ts'
import { asksForAll, canReturn } from './returning.ts'
import type { WriteScope } from './write-scope.ts'

/** Whether a table has rewrite rules, by which PostgreSQL can't return what an UPDATE writes. By model and table. */
const hasRules = new WeakMap<AnyModel, Map<string, boolean>>()

/**
 * Executes an UPDATE that returns the rows that it has written, so that they need not be read and locked first, and the
 * statement is the caller's own.
 *
 * @param attributes what has to be known of the rows; the statement must not change them
 * @returns its result, and the rows by attributes; undefined where that is not to be had, and nothing was done
 */
export async function updateReturning(
  scope: WriteScope,
  attributes: readonly string[],
  [table, values, where, options, types]: Parameters<QueryWrites['bulkUpdate']>,
): Promise<{ readonly result: unknown; readonly rows: readonly Row[] } | undefined> {
  const { model, writes } = scope
  if (!canReturn(model)) return undefined
  const asked = options.returning
  const isForCaller = asksForAll(asked)
  if ((asked && !isForCaller) || (await isRewritten(scope, table))) return undefined
  if (isForCaller) {
    const records = (await writes.bulkUpdate(table, values, where, options, types)) as readonly unknown[]
    return { result: records, rows: records.map((record) => attributesOf(model, record, attributes)) }
  }
  const returning = attributes.map((attribute) => columnOf(model, attribute))
  const returned = (await writes.bulkUpdate(
    table,
    values,
    where,
    { ...options, returning, raw: true },
    types,
  )) as readonly Row[] | number
  // By attributes: Sequelize has mapped the columns. An UPDATE that sets nothing is none, and returns a number.
  if (typeof returned === 'number') return { result: returned, rows: [] }
  return { result: returned.length, rows: returned }
}

/** Of a record, or of the row that there is in its place for a caller who wants raw results. */
function attributesOf(model: AnyModel, record: unknown, attributes: readonly string[]): Row {
  if (record instanceof model) return valuesOf(record)
  return toAttributes(model, record as Row, attributes)
}

async function isRewritten({ model, options }: WriteScope, table: Table): Promise<boolean> {
  const sequelize = sequelizeOf(model)
  const generator = sequelize.getQueryInterface().queryGenerator as { quoteTable(table: Table): string }
  const name = generator.quoteTable(table)
  const known = hasRules.get(model) ?? new Map<string, boolean>()
  hasRules.set(model, known)
  const before = known.get(name)
  if (before !== undefined) return before
  const { replacements: _, ...rest } = addedStatementOptions(options)
  const [rows] = await sequelize.query(
    `SELECT EXISTS (SELECT FROM pg_catalog.pg_rewrite WHERE ev_class = ${sequelize.escape(name)}::regclass AND ev_type = '2') AS has`,
    rest,
  )
  const has = (rows as readonly { readonly has: boolean }[])[0]?.has === true
  known.set(name, has)
  return has
}
