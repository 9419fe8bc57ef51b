import { Op } from 'sequelize'
import { columnOf } from '../model/model-class.ts'
import { exactValue } from './exact-keys.ts'
import type { AnyModel, Row, Where } from '../model/types.ts'

/**
 * The condition that a row comes after `last` in primary-key order.
 *
 * @param last by attributes, with its exact keys
 * @param nameOf maps an attribute to its name in the condition
 */
export function afterRow(
  model: AnyModel,
  last: Row,
  nameOf: (attribute: string) => string = (attribute) => columnOf(model, attribute),
): Where {
  const keys = model.primaryKeyAttributes
  const cases = keys.map((key, index) => {
    const same = keys.slice(0, index).map((each) => [nameOf(each), exactValue(model, last, each)] as const)
    return { ...Object.fromEntries(same), [nameOf(key)]: { [Op.gt]: exactValue(model, last, key) } }
  })
  return { [Op.or]: cases }
}
