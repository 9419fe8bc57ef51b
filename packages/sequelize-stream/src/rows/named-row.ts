import { Op } from 'sequelize'
import { primaryKeyColumns, typeKeyOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/types.ts'

const integerTypes: readonly unknown[] = ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INTEGER', 'BIGINT']

/**
 * The only row, by attributes, that a condition (with column names) can match, identified by an integer primary key.
 * The count then says whether it was written, so it needs no SELECT first. Only integers qualify, because other types
 * may have several spellings.
 */
export function namedRow(model: AnyModel, where: unknown): Row | undefined {
  const [attribute = '', ...others] = model.primaryKeyAttributes
  const [column = ''] = primaryKeyColumns(model)
  if (others.length > 0 || !integerTypes.includes(typeKeyOf(model, attribute))) return undefined
  const key = keyIn(where, column)
  return key === undefined ? undefined : { [attribute]: key }
}

/** Whether a statement with this result has written anything. */
export function hasWritten(result: unknown): boolean {
  return result !== 0 && !(Array.isArray(result) && result.length === 0)
}

/** Looks only into terms joined by AND. Further terms can only narrow the condition. */
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
