import { cast, col, DataTypes, literal } from 'sequelize'
import type { Model } from 'sequelize'
import { columnOf, sequelizeOf, typeKeyOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/types.ts'

/**
 * The alias of the database's own text of a DATE in the primary key. Databases may store microseconds while drivers
 * read milliseconds, so rows that are written or paged past are selected together with this text.
 */
export interface ExactKey {
  readonly attribute: string
  /** In lower case, because PostgreSQL folds unquoted identifiers. */
  readonly name: string
}

export function exactKeys(model: AnyModel): readonly ExactKey[] {
  return model.primaryKeyAttributes
    .map((attribute, index) => ({ attribute, name: nameAt(index) }))
    .filter(({ attribute }) => typeKeyOf(model, attribute) === DataTypes.DATE.key)
}

function nameAt(index: number): string {
  return `kt_key_text_${index}`
}

/** The type that casts a column to text. */
export function textType(model: AnyModel): string {
  return ['mysql', 'mariadb'].includes(sequelizeOf(model).getDialect()) ? 'CHAR' : 'TEXT'
}

/** The attributes that a `findAll` must select for `exactValue`. */
export function exactAttributes(model: AnyModel): [ReturnType<typeof cast>, string][] {
  return exactKeys(model).map(({ attribute, name }) => [
    cast(col(columnOf(model, attribute)), textType(model)),
    name,
  ])
}

/** Removes the additions of `exactAttributes` from a record, because a payload function may look at all its values. */
export function forgetExactKeys(record: Model): void {
  const values = record.dataValues as Record<string, unknown>
  for (const { name } of exactKeys(record.constructor as AnyModel)) delete values[name]
}

/** The database's text of a key in a row, where it differs from the driver's. */
export function exactText(model: AnyModel, row: Row, attribute: string): string | undefined {
  const text = row[nameAt(model.primaryKeyAttributes.indexOf(attribute))]
  return typeof text === 'string' ? text : undefined
}

/** The value of a key for a condition that only this row matches. */
export function exactValue(model: AnyModel, row: Row, attribute: string): unknown {
  const text = exactText(model, row, attribute)
  return text === undefined ? row[attribute] : literal(sequelizeOf(model).escape(text))
}
