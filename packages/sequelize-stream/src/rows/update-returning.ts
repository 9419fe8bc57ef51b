import { columnOf, toAttributes, valuesOf } from '../model/model-class.ts'
import type { QueryWrites } from '../model/query-writes.ts'
import { asksForAll, canReturn } from './returning.ts'
import { isRewritten } from './rewrite-rules.ts'
import type { WriteScope } from '../write-scope.ts'
import type { AnyModel, Row } from '../model/types.ts'

/**
 * Executes an UPDATE that returns the written rows. They need not be read and locked first, and the statement stays the
 * caller's own.
 *
 * @param attributes the attributes to return, which the statement must not change
 * @returns its result, and the rows by attributes; undefined, without any effect, where this isn't available
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
  if ((asked && !isForCaller) || (await isRewritten(scope, table, 'UPDATE'))) return undefined
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
  // An UPDATE that sets nothing is not executed, and returns a number.
  if (typeof returned === 'number') return { result: returned, rows: [] }
  return { result: returned.length, rows: returned.map((row) => attributesOf(model, row, attributes)) }
}

/**
 * Reads attributes of a record or a raw row. Sequelize has mapped the columns of a raw row, unless they came in lower
 * case.
 */
function attributesOf(model: AnyModel, record: unknown, attributes: readonly string[]): Row {
  const row = record instanceof model ? valuesOf(record) : (record as Row)
  return attributes.every((attribute) => attribute in row) ? row : toAttributes(model, row, attributes)
}
