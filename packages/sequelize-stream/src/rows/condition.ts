import { Op, Utils } from 'sequelize'
import type { WhereOptions } from 'sequelize'
import { columnOf, typeKeyOf } from '../model/model-class.ts'
import { mapToColumns } from '../model/untyped.ts'
import type { AnyModel, Where } from '../model/types.ts'

/** SQLite rejects expressions with more than 1,000 chained terms. */
const groupSize = 100

const textTypes: readonly string[] = ['STRING', 'CHAR', 'TEXT', 'CITEXT']

/**
 * The condition that at least one of these holds. It nests them in groups, because databases limit the depth of
 * expressions.
 */
export function anyOf(conditions: readonly Where[]): Where {
  if (conditions.length <= groupSize) return { [Op.or]: conditions }
  const groups: Where[] = []
  for (let start = 0; start < conditions.length; start += groupSize)
    groups.push({ [Op.or]: conditions.slice(start, start + groupSize) })
  return { [Op.or]: groups }
}

/** Maps the attributes of a user's condition to columns. */
export function columnCondition(model: AnyModel, where: WhereOptions): Where {
  return mapToColumns(where, model)
}

/**
 * Converts a value so that it can be compared with a column. A number given for a text column is stored as text, but
 * PostgreSQL can't compare a number with text.
 */
export function asColumn(model: AnyModel, column: string, value: unknown): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  const attribute = Object.keys(model.rawAttributes).find((each) => columnOf(model, each) === column) ?? ''
  return textTypes.includes(typeKeyOf(model, attribute)) ? String(value) : value
}

/** Whether a value is an expression (`literal`, `fn`, `col`…) that only the database can evaluate. */
export function isExpression(value: unknown): boolean {
  return value instanceof Utils.SequelizeMethod
}
