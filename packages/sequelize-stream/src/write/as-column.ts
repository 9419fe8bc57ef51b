import { columnOf, typeKeyOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/model-class.ts'

const textTypes: readonly string[] = ['STRING', 'CHAR', 'TEXT', 'CITEXT']

/**
 * A value as it can be compared with a column: a number that is given for a text is one once it is stored, but
 * PostgreSQL does not compare it with texts.
 */
export function asColumn(model: AnyModel, column: string, value: unknown): unknown {
  if (typeof value !== 'number' && typeof value !== 'bigint') return value
  const attribute = Object.keys(model.rawAttributes).find((each) => columnOf(model, each) === column) ?? ''
  return textTypes.includes(typeKeyOf(model, attribute)) ? String(value) : value
}
