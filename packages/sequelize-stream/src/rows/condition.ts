import { Op, Utils } from 'sequelize'
import type { WhereOptions } from 'sequelize'
import { columnOf, typeKeyOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/model-class.ts'
import type { Where } from '../model/query-writes.ts'

/** SQLite refuses more than 1,000 terms in a row. */
const groupSize = 100

const textTypes: readonly string[] = ['STRING', 'CHAR', 'TEXT', 'CITEXT']

/** The condition that one of these is met, in groups: databases limit how deep an expression may be. */
export function anyOf(conditions: readonly Where[]): Where {
  if (conditions.length <= groupSize) return { [Op.or]: conditions }
  const groups: Where[] = []
  for (let start = 0; start < conditions.length; start += groupSize)
    groups.push({ [Op.or]: conditions.slice(start, start + groupSize) })
  return { [Op.or]: groups }
}

/** A user's condition, with column names. */
export function columnCondition(model: AnyModel, where: WhereOptions): Where {
  const utils = Utils as unknown as { mapWhereFieldNames(where: unknown, model: AnyModel): Where }
  return utils.mapWhereFieldNames(where, model)
}

/**
 * A value as it can be compared with a column: a number that is given for a text is one once it is stored, but
 * PostgreSQL does not compare it with texts.
 */
export function asColumn(model: AnyModel, column: string, value: unknown): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  const attribute = Object.keys(model.rawAttributes).find((each) => columnOf(model, each) === column) ?? ''
  return textTypes.includes(typeKeyOf(model, attribute)) ? String(value) : value
}

/** Whether a value is an expression (`literal`, `fn`, `col`…), whose value only the database knows. */
export function isExpression(value: unknown): boolean {
  return value instanceof Utils.SequelizeMethod
}
