import { uniqueColumnSets } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { anyOf } from './any-of.ts'
import { asColumn } from './as-column.ts'
import { isExpression } from './expression.ts'
import type { Where } from './query-writes.ts'

/**
 * The condition that picks the rows with which `records` (by columns) conflict, or have become: those that share a
 * unique key with one of them. Undefined when no record has a unique key.
 *
 * @param others the columns of unique keys that the model may not declare
 */
export function conflictCondition(
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

/** NULL conflicts with nothing, and what an expression will be is unknown. */
function isComparable(value: unknown): boolean {
  return value !== undefined && value !== null && !isExpression(value)
}
