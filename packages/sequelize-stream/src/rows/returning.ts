import type { Model } from 'sequelize'
import { columnOf, primaryKeyColumns, sequelizeOf, storedAttributes } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { isWholeNumber } from '../source/castable.ts'
import type { ModelStream } from '../model/model-stream.ts'

type Returning = boolean | readonly string[] | undefined

/** Whether an INSERT tells which rows it has written, whatever the conflicts that it met. */
export function canReturn(model: AnyModel): boolean {
  return sequelizeOf(model).getDialect() === 'postgres'
}

/**
 * Whether the database gives these values of a primary key, by attributes, back as they are. It may not do so with a
 * text, nor with a number in a column of another type: think of UUIDs in capitals, and of DECIMAL.
 */
export function isCanonicalKey(model: AnyModel, values: Row): boolean {
  return model.primaryKeyAttributes.every(
    (attribute) => Number.isSafeInteger(values[attribute]) && isWholeNumber(model, attribute),
  )
}

/** The caller's `returning`, with what streaming needs to know: the primary key, and `columns`. */
export function widenReturning(
  model: AnyModel,
  asked: Returning,
  columns: readonly string[] = [],
): Returning {
  if (asksForAll(asked)) return asked
  return [...new Set([...(isList(asked) ? asked : []), ...primaryKeyColumns(model), ...columns])]
}

/** The columns that a stream's payload is made from, beside the primary key. */
export function payloadColumns(model: AnyModel, stream: ModelStream): readonly string[] {
  return stream.isCustom ? storedAttributes(model).map((attribute) => columnOf(model, attribute)) : []
}

/** The rows as the caller would have got them. */
export function narrowRows(rows: readonly Row[], asked: Returning): readonly Row[] {
  if (asksForAll(asked)) return rows
  if (!isList(asked)) return []
  return rows.map((row) =>
    Object.fromEntries(Object.entries(row).filter(([column]) => asked.includes(column))),
  )
}

/** Takes back from a record the keys that only streaming has asked for. */
export function narrowRecord(model: AnyModel, record: Model, before: Row, asked: Returning): void {
  if (asksForAll(asked)) return
  const values = record.dataValues as Record<string, unknown>
  for (const attribute of model.primaryKeyAttributes)
    if (!isList(asked) || !asked.includes(columnOf(model, attribute))) {
      if (attribute in before) values[attribute] = before[attribute]
      else delete values[attribute]
    }
}

/** Whether the caller gets whole rows. */
export function asksForAll(asked: Returning): boolean {
  return asked === true || (isList(asked) && (asked.length === 0 || asked.includes('*')))
}

function isList(asked: Returning): asked is readonly string[] {
  return Array.isArray(asked)
}
