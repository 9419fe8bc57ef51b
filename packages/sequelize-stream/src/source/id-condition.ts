import { literal, Op } from 'sequelize'
import type { AnyModel } from '../model/model-class.ts'
import { parseRecordId } from '../model/record-key.ts'
import { keyCondition } from '../write/emitter.ts'
import { isCastable, isWholeNumber } from './castable.ts'

/**
 * The condition that picks the records with these ids, by attributes; undefined when no row can have any of them. Ids
 * that the columns can't hold are left out.
 */
export function idCondition(model: AnyModel, ids: readonly string[]): object | undefined {
  const [attribute = '', ...others] = model.primaryKeyAttributes
  const distinct = [...new Set(ids)]
  if (others.length === 0 && isWholeNumber(model, attribute))
    return numbersCondition(model, attribute, distinct)
  const keys = distinct.flatMap((id) => keyOf(model, id))
  return keys.length === 0 ? undefined : keyCondition(model, keys, (each) => each)
}

/** The list as Sequelize would write it. It escapes each value, which takes longer than finding the row; digits need none. */
function numbersCondition(model: AnyModel, attribute: string, ids: readonly string[]): object | undefined {
  const numbers = ids.filter((id) => isCastable(model, attribute, id))
  return numbers.length === 0
    ? undefined
    : { [attribute]: { [Op.in]: literal(`('${numbers.join("', '")}')`) } }
}

function keyOf(model: AnyModel, id: string): readonly Readonly<Record<string, string>>[] {
  const key = parseRecordId(model, id)
  if (key === undefined) return []
  const isUsable = Object.entries(key).every(([attribute, text]) => isCastable(model, attribute, text))
  return isUsable ? [key] : []
}
