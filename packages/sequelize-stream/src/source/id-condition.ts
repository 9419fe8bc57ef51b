import { literal, Op } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/model-class.ts'
import { fromIdPart, parseRecordId } from '../model/record-key.ts'
import { keyCondition } from '../rows/key-condition.ts'
import { isCastable, isWholeNumber } from './castable.ts'

/**
 * The condition that picks the records with these ids, by attributes; undefined when no row can have any of them. Ids
 * that the columns can't hold are left out.
 */
export function idCondition(model: AnyModel, ids: readonly string[]): object | undefined {
  const [attribute = '', ...others] = model.primaryKeyAttributes
  // A number that is there twice does no harm in a list, and finding out takes a while.
  if (others.length === 0 && isWholeNumber(model, attribute)) return numbersCondition(model, attribute, ids)
  const keys = [...new Set(ids)].flatMap((id) => keyOf(model, id))
  return keys.length === 0 ? undefined : keyCondition(model, keys, (each) => each)
}

/**
 * The condition that an attribute has one of these values; undefined when it can have none of them. Those that its column
 * can't hold are left out.
 */
export function valuesCondition(
  model: AnyModel,
  attribute: string,
  values: readonly string[],
): object | undefined {
  if (isWholeNumber(model, attribute)) return numbersCondition(model, attribute, values)
  const usable = [...new Set(values)].filter((value) => isCastable(model, attribute, value))
  if (usable.length === 0) return undefined
  return { [attribute]: usable.map((value) => fromIdPart(model, attribute, value)) }
}

/**
 * The list in a form that takes less time than finding the rows. Sequelize escapes each value, which digits do not need,
 * and PostgreSQL makes an expression of each value of a list, but one of a whole array.
 */
function numbersCondition(model: AnyModel, attribute: string, ids: readonly string[]): object | undefined {
  const isUsable = (id: string): boolean => isCastable(model, attribute, id)
  const numbers = ids.every(isUsable) ? ids : ids.filter(isUsable)
  if (numbers.length === 0) return undefined
  return sequelizeOf(model).getDialect() === 'postgres'
    ? { [attribute]: { [Op.eq]: literal(`ANY ('{${numbers.join(',')}}')`) } }
    : { [attribute]: { [Op.in]: literal(`('${numbers.join("', '")}')`) } }
}

function keyOf(model: AnyModel, id: string): readonly Readonly<Record<string, string>>[] {
  const key = parseRecordId(model, id)
  if (key === undefined) return []
  const isUsable = Object.entries(key).every(([attribute, text]) => isCastable(model, attribute, text))
  return isUsable ? [key] : []
}
