import type { Model } from 'sequelize'
import { columnOf, primaryKeyColumns, sequelizeOf, storedAttributes } from '../model/model-class.ts'
import { isWholeNumber } from '../source/castable.ts'
import type { ModelStream } from '../model/model-stream.ts'
import type { AnyModel, Row } from '../model/types.ts'

type Returning = boolean | readonly string[] | undefined

/** Whether an INSERT returns the rows that it has written, even after conflicts. */
export function canReturn(model: AnyModel): boolean {
  return sequelizeOf(model).getDialect() === 'postgres'
}

/**
 * Whether the database returns these primary-key values, by attributes, unchanged. It may not do so for texts, nor for
 * numbers in a column of another type: consider UUIDs in upper case, and DECIMAL.
 */
export function isCanonicalKey(model: AnyModel, values: Row): boolean {
  return model.primaryKeyAttributes.every(
    (attribute) => Number.isSafeInteger(values[attribute]) && isWholeNumber(model, attribute),
  )
}

/** The caller's `returning`, extended by the primary key and `columns`, which streaming needs. */
export function widenReturning(
  model: AnyModel,
  asked: Returning,
  columns: readonly string[] = [],
): Returning {
  if (asksForAll(asked)) return asked
  return [...new Set([...(isList(asked) ? asked : []), ...primaryKeyColumns(model), ...columns])]
}

/** The columns that a payload is made from, besides the primary key. */
export function payloadColumns(model: AnyModel, stream: ModelStream): readonly string[] {
  return stream.isCustom ? storedAttributes(model).map((attribute) => columnOf(model, attribute)) : []
}

/** The rows as the caller expects them, without the columns that streaming added. */
export function narrowRows(rows: readonly Row[], asked: Returning): readonly Row[] {
  if (asksForAll(asked)) return rows
  if (!isList(asked)) return []
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => asked.includes(column))),
  )
}

/** Removes the keys from a record that only streaming has asked for. */
export function narrowRecord(model: AnyModel, record: Model, before: Row, asked: Returning): void {
  if (asksForAll(asked)) return
  const values = record.dataValues as Record<string, unknown>
  for (const attribute of model.primaryKeyAttributes)
    if (!isList(asked) || !asked.includes(columnOf(model, attribute))) {
      if (attribute in before) values[attribute] = before[attribute]
      else delete values[attribute]
    }
}

/** Whether the caller asked for whole rows. */
export function asksForAll(asked: Returning): boolean {
  return asked === true || (isList(asked) && (asked.length === 0 || asked.includes('*')))
}

function isList(asked: Returning): asked is readonly string[] {
  return Array.isArray(asked)
}
