import { cast, col, DataTypes, literal } from 'sequelize'
import type { Model } from 'sequelize'
import { columnOf, sequelizeOf, typeKeyOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'

/**
 * A database may keep microseconds, and drivers read milliseconds: rows that are read to be written or passed by also
 * get the database's own text of each DATE in their primary key, by these names.
 */
export interface ExactKey {
  readonly attribute: string
  /** In lower case: PostgreSQL turns identifiers that are not quoted into that. */
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

/** The type to which a column is cast to be a text. */
export function textType(model: AnyModel): string {
  return ['mysql', 'mariadb'].includes(sequelizeOf(model).getDialect()) ? 'CHAR' : 'TEXT'
}

/** What a `findAll` has to select for `exactValue`. */
export function exactAttributes(model: AnyModel): [ReturnType<typeof cast>, string][] {
  return exactKeys(model).map(({ attribute, name }) => [
    cast(col(columnOf(model, attribute)), textType(model)),
    name,
  ])
}

/** Takes from a record what `exactAttributes` has added: a payload function may look at all that is in it. */
export function forgetExactKeys(record: Model): void {
  const values = record.dataValues as Record<string, unknown>
  for (const { name } of exactKeys(record.constructor as AnyModel)) delete values[name]
}

/** The text of a key in a row, where the database's differs from the driver's. */
export function exactText(model: AnyModel, row: Row, attribute: string): string | undefined {
  const text = row[nameAt(model.primaryKeyAttributes.indexOf(attribute))]
  return typeof text === 'string' ? text : undefined
}

/** The value of a key in a row for a condition that nothing but this row meets. */
export function exactValue(model: AnyModel, row: Row, attribute: string): unknown {
  const text = exactText(model, row, attribute)
  return text === undefined ? row[attribute] : literal(sequelizeOf(model).escape(text))
}
