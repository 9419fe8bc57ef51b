import { columnOf, toAttributes, valuesOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import type { QueryWrites } from '../model/query-writes.ts'
import { asksForAll, canReturn } from './returning.ts'
import { isRewritten } from './rewrite-rules.ts'
import type { WriteScope } from '../write-scope.ts'

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
  // An UPDATE that sets nothing is none, and returns a number.
  if (typeof returned === 'number') return { result: returned, rows: [] }
  return { result: returned.length, rows: returned.map((row) => attributesOf(model, row, attributes)) }
}

/** Of a record, or of a raw row: Sequelize has mapped its columns to attributes, unless they came in lower case. */
function attributesOf(model: AnyModel, record: unknown, attributes: readonly string[]): Row {
  const row = record instanceof model ? valuesOf(record) : (record as Row)
  return attributes.every((attribute) => attribute in row) ? row : toAttributes(model, row, attributes)
}
