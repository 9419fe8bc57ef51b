import { literal, Op } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import { fromIdPart, parseRecordId } from '../model/record-key.ts'
import { keyCondition } from '../rows/key-condition.ts'
import { isCastable, isWholeNumber } from './castable.ts'
import type { AnyModel } from '../model/types.ts'

/**
 * The condition that selects the records with these ids, by attributes; undefined when no row can have any of them. Ids
 * that the columns can't contain are left out.
 */
export function idCondition(model: AnyModel, ids: readonly string[]): object | undefined {
  const [attribute = '', ...others] = model.primaryKeyAttributes
  // Duplicates in a list do no harm, and removing them takes time.
  if (others.length === 0 && isWholeNumber(model, attribute)) return numbersCondition(model, attribute, ids)
  const keys = [...new Set(ids)].flatMap((id) => keyOf(model, id))
  return keys.length === 0 ? undefined : keyCondition(model, keys, (each) => each)
}

/**
 * The condition that an attribute has one of these values; undefined when none is possible. Values that its column
 * can't contain are left out.
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
 * Renders the list in a form that is quicker to process than the rows are to find. Sequelize escapes each value, which
 * digits don't need. PostgreSQL creates an expression per value of a list, but only one for a whole array.
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
