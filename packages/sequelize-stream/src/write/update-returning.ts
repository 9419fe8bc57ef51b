import { columnOf, toAttributes, valuesOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import type { QueryWrites } from './query-writes.ts'
import { asksForAll, canReturn } from './returning.ts'
import { hasRules } from './rewrite-rules.ts'
import type { WriteScope } from './write-scope.ts'

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
  if ((asked && !isForCaller) || (await hasRules(scope, table, 'UPDATE'))) return undefined
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
