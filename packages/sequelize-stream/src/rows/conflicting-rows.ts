import { columnOf, uniqueColumnSets } from '../model/model-class.ts'
import { anyOf, asColumn, isExpression } from './condition.ts'
import type { WriteOptions } from '../model/query-writes.ts'
import { uniqueIndexColumns } from './unique-indexes.ts'
import type { WriteScope } from '../write-scope.ts'
import type { AnyModel, Row, Table, Where } from '../model/types.ts'

/** Number of records whose conflicts are looked up at a time. */
const lookupsAtOnce = 1_000

/**
 * Reads the rows, by columns, that share a unique key with one of the records: the primary key and `attributes` of
 * each.
 */
export async function conflictingRows(
  scope: WriteScope,
  table: Table,
  records: readonly Row[],
  attributes: readonly string[] = [],
): Promise<readonly Row[]> {
  const { model, options } = scope
  const wanted = [...new Set([...model.primaryKeyAttributes, ...attributes])]
  const target = conflictTarget(options)
  const others = [...(target.length === 0 ? [] : [target]), ...(await uniqueIndexColumns(scope, table))]
  const found: Row[] = []
  for (let start = 0; start < records.length; start += lookupsAtOnce) {
    const where = conflictCondition(model, records.slice(start, start + lookupsAtOnce), others)
    if (where === undefined) continue
    for (const page of await scope.rowsOf(table).lock({ where, attributes: wanted, lockFor: 'update' }))
      found.push(...page.map((row) => toColumns(model, row)))
  }
  return found
}

/** The columns on which the caller expects conflicts. */
export function conflictTarget({ conflictFields, upsertKeys }: WriteOptions): readonly string[] {
  return conflictFields ?? upsertKeys ?? []
}

/**
 * The condition that selects the rows with which `records` (by columns) conflict, or which they have become. Undefined
 * when no record has a unique key.
 *
 * @param others columns of unique keys that the model may not declare
 */
function conflictCondition(
  model: AnyModel,
  records: readonly Row[],
  others: readonly (readonly string[])[],
): Where | undefined {
  const conditions = [...uniqueColumnSets(model), ...others].flatMap((columns) => {
    const complete = records.filter((record) => columns.every((column) => isComparable(record[column])))
    const [first = ''] = columns
    if (complete.length === 0) return []
    if (columns.length === 1)
      return [{ [first]: complete.map((record) => asColumn(model, first, record[first])) }]
    return complete.map((record) =>
      Object.fromEntries(columns.map((column) => [column, asColumn(model, column, record[column])])),
    )
  })
  return conditions.length === 0 ? undefined : anyOf(conditions)
}

/** NULL conflicts with nothing, and the value of an expression is unknown. */
function isComparable(value: unknown): boolean {
  return value !== undefined && value !== null && !isExpression(value)
}

function toColumns(model: AnyModel, row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([attribute, value]) => [columnOf(model, attribute), value]),
  )
}
