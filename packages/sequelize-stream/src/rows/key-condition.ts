import { DataTypes, Op } from 'sequelize'
import { columnOf, typeKeyOf } from '../model/model-class.ts'
import { fromIdPart } from '../model/record-key.ts'
import { anyOf } from './condition.ts'
import { exactKeys, exactValue } from './exact-keys.ts'
import type { AnyModel, Row, Where } from '../model/types.ts'

type NameOf = (attribute: string) => string

/**
 * The condition that selects rows by the primary key in a message, with attributes named by `nameOf`. A DATE selects
 * its whole millisecond, because the row may have microseconds.
 */
export function keyCondition(model: AnyModel, rows: readonly Row[], nameOf: NameOf): Where {
  return conditionOf(model, rows, nameOf, {
    isListed: exactKeys(model).length === 0,
    valueOf: (row, attribute) => valueOfId(model, attribute, row[attribute]),
  })
}

/** The condition, by columns, that selects exactly these rows, as read by `RowLocker`. */
export function lockedCondition(model: AnyModel, rows: readonly Row[]): Where {
  return conditionOf(model, rows, (attribute) => columnOf(model, attribute), {
    isListed: true,
    valueOf: (row, attribute) => exactValue(model, row, attribute),
  })
}

interface Values {
  /** Whether the values can be members of a list. */
  readonly isListed: boolean
  readonly valueOf: (row: Row, attribute: string) => unknown
}

function conditionOf(
  model: AnyModel,
  rows: readonly Row[],
  nameOf: NameOf,
  { isListed, valueOf }: Values,
): Where {
  const [attribute = '', ...others] = model.primaryKeyAttributes
  // An empty OR would match every row.
  if (rows.length === 0) return { [nameOf(attribute)]: [] }
  if (others.length === 0 && isListed)
    return { [nameOf(attribute)]: rows.map((row) => valueOf(row, attribute)) }
  return anyOf(
    rows.map((row) =>
      Object.fromEntries(model.primaryKeyAttributes.map((each) => [nameOf(each), valueOf(row, each)])),
    ),
  )
}

function valueOfId(model: AnyModel, attribute: string, value: unknown): unknown {
  const term = typeof value === 'string' ? fromIdPart(model, attribute, value) : value
  // An infinite date is a number.
  if (typeKeyOf(model, attribute) !== DataTypes.DATE.key || typeof term === 'number') return term
  const start = new Date(term as string | Date)
  return { [Op.gte]: start, [Op.lt]: new Date(start.getTime() + 1) }
}
