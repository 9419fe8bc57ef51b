import type { References } from '@kt/core'
import {
  columnOf,
  foreignKeys,
  primaryKeyColumns,
  sequelizeOf,
  toAttributes,
  typeKeyOf,
} from '../model/model-class.ts'
import { recordId } from '../model/record-key.ts'
import { noReferences } from '../model/references.ts'
import { conflictingRows, conflictTarget } from './conflicting-rows.ts'
import type { WriteOptions } from '../model/query-writes.ts'
import { touchedReferences } from './touched-references.ts'
import type { WriteScope } from '../write-scope.ts'
import type { AnyModel, Row, Table } from '../model/types.ts'

/** The previous state of the rows that an INSERT may turn into an UPDATE, where it matters. */
export interface RowsBefore {
  /** By attributes. */
  readonly rows: readonly Row[]
  /** The columns that `lost` needs in a written row. */
  readonly columns: readonly string[]
  /** The references that a row, now `row` (by attributes), has lost. */
  readonly lost: (row: Row) => References
}

export const nothingBefore: RowsBefore = { rows: [], columns: [], lost: () => noReferences }

/**
 * Reads and locks the rows that an INSERT may turn into an UPDATE of the `updated` columns, if that may change foreign
 * keys or primary keys.
 */
export async function rowsBefore(
  scope: WriteScope,
  table: Table,
  records: readonly Row[],
  updated: readonly string[],
): Promise<RowsBefore> {
  const { model, options } = scope
  const { attributes } = touchedReferences(
    model,
    Object.fromEntries(updated.map((column) => [column, undefined])),
  )
  if (attributes.length === 0 && !mayMoveKeys(model, updated, options)) return nothingBefore
  const wanted = [...new Set([...attributes, ...foreignKeys(model)])]
  const columns = await conflictingRows(scope, table, records, wanted)
  if (columns.length === 0) return nothingBefore
  const rows = columns.map((row) => toAttributes(model, row, [...model.primaryKeyAttributes, ...wanted]))
  const byId = new Map(rows.map((row) => [recordId(model, row), row]))
  return {
    rows,
    columns: attributes.map((attribute) => columnOf(model, attribute)),
    lost: (row) => {
      const old = byId.get(recordId(model, row))
      if (old === undefined) return noReferences
      const after = Object.fromEntries(attributes.map((each) => [columnOf(model, each), row[each]]))
      return touchedReferences(model, after).lost(old)
    },
  }
}

/** Whether an UPDATE of these columns may change the primary key of a row that it finds by another key. */
function mayMoveKeys(model: AnyModel, updated: readonly string[], options: WriteOptions): boolean {
  const keys = primaryKeyColumns(model)
  if (!keys.some((column) => updated.includes(column))) return false
  // MySQL and MariaDB detect conflicts on any unique key.
  if (['mysql', 'mariadb'].includes(sequelizeOf(model).getDialect())) return true
  const target = conflictTarget(options)
  const isOther = target.length > 0 && !target.every((column) => keys.includes(column))
  return isOther || model.primaryKeyAttributes.some((each) => typeKeyOf(model, each) === 'CITEXT')
}
