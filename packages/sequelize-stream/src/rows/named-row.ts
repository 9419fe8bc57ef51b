import { Op } from 'sequelize'
import { primaryKeyColumns, typeKeyOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'

const integerTypes: readonly unknown[] = ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INTEGER', 'BIGINT']

/**
 * The one row, by attributes, that a condition (with column names) allows, told by an integer primary key: whether it
 * was written is told by the count, so that it need not be selected first. An integer, because other types may be
 * written in more than one way.
 */
export function namedRow(model: AnyModel, where: unknown): Row | undefined {
  const [attribute = '', ...others] = model.primaryKeyAttributes
  const [column = ''] = primaryKeyColumns(model)
  if (others.length > 0 || !integerTypes.includes(typeKeyOf(model, attribute))) return undefined
  const key = keyIn(where, column)
  return key === undefined ? undefined : { [attribute]: key }
}

/** Whether a statement that returned this has written anything. */
export function hasWritten(result: unknown): boolean {
  return result !== 0 && !(Array.isArray(result) && result.length === 0)
}

/** Looks only into what is joined by AND: the other terms can but narrow the condition. */
function keyIn(where: unknown, column: string): number | undefined {
  if (Array.isArray(where)) return firstKey(where, column)
  if (typeof where !== 'object' || where === null) return undefined
  const terms = where as Readonly<Record<string | symbol, unknown>>
  const value = terms[column]
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  return terms[Op.and] === undefined ? undefined : keyIn(terms[Op.and], column)
}

function firstKey(terms: readonly unknown[], column: string): number | undefined {
  for (const term of terms) {
    const key = keyIn(term, column)
    if (key !== undefined) return key
  }
  return undefined
}
