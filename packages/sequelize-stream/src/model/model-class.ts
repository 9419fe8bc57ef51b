import { encodeChangedColumns } from '@kt/core/internal'
import type { Model, ModelAttributeColumnOptions, Sequelize } from 'sequelize'
import { internals, keysOf, optionsOf } from './untyped.ts'
import type { AnyModel, Row } from './types.ts'

export function sequelizeOf(model: AnyModel): Sequelize {
  if (model.sequelize === undefined)
    throw new TypeError(`${model.name} is not initialised. Call Model.init or sequelize.define first`)
  return model.sequelize
}

/** The table's name, with its schema if it has one. Does not use `getTableName`, which accesses the query interface. */
export function qualifiedName(model: AnyModel): string {
  const { _schema: schema } = internals(model)
  return schema ? `${schema}.${model.tableName}` : model.tableName
}

/** The column of an attribute. */
export function columnOf(model: AnyModel, attribute: string): string {
  return model.rawAttributes[attribute]?.field ?? attribute
}

/**
 * The columns that an UPDATE writes, as the header `kt-changed` has them; undefined when its messages have to do without,
 * because the primary key changes.
 */
export function changedBy(model: AnyModel, values: Row): string | undefined {
  const columns = Object.keys(values)
  return primaryKeyColumns(model).some((key) => columns.includes(key))
    ? undefined
    : encodeChangedColumns(columns)
}

/** The `key` of an attribute's data type, such as `INTEGER`; empty if it has none. */
export function typeKeyOf(model: AnyModel, attribute: string): string {
  const type = model.rawAttributes[attribute]?.type as { readonly key?: string } | undefined
  return type?.key ?? ''
}

export function primaryKeyColumns(model: AnyModel): readonly string[] {
  return model.primaryKeyAttributes.map((attribute) => columnOf(model, attribute))
}

/** The attributes that are stored in columns. */
export function storedAttributes(model: AnyModel): readonly string[] {
  const virtual = internals(model)._virtualAttributes
  return Object.keys(model.rawAttributes).filter((attribute) => !virtual.has(attribute))
}

/** Converts a row by columns to a row by attributes. */
export function toAttributes(model: AnyModel, columns: Row, attributes: readonly string[]): Row {
  // PostgreSQL folds unquoted identifiers to lower case.
  const isQuoted = optionsOf(sequelizeOf(model)).quoteIdentifiers !== false
  const row: Record<string, unknown> = {}
  for (const attribute of attributes) {
    const column = columnOf(model, attribute)
    const value = columns[column] ?? (isQuoted ? undefined : columns[column.toLowerCase()])
    if (value !== undefined) row[attribute] = plainValue(value)
  }
  return row
}

/** The MariaDB driver's form of a BIGINT that is too large for a number. */
interface Long {
  readonly low: number
  readonly high: number
  toString(): string
}

function isLong(value: unknown): value is Long {
  return typeof value === 'object' && value !== null && 'low' in value && 'high' in value
}

/** Converts a value to the form that all drivers share. */
export function plainValue(value: unknown): unknown {
  return isLong(value) ? value.toString() : value
}

/** Whether the model declares that the database generates its primary key. */
export function hasGeneratedKey(model: AnyModel): boolean {
  return model.primaryKeyAttributes.includes(internals(model).autoIncrementAttribute ?? '')
}

/** The column that marks a row of a paranoid model as deleted. */
export function deletedAtColumn(model: AnyModel): string | undefined {
  const attribute = internals(model)._timestampAttributes.deletedAt
  return attribute === undefined ? undefined : columnOf(model, attribute)
}

/** The condition, by columns, that a row of a paranoid model is not deleted, in Sequelize's form. */
export function notDeleted(model: AnyModel): Row | undefined {
  const attribute = internals(model)._timestampAttributes.deletedAt
  if (attribute === undefined) return undefined
  const { defaultValue = null } = model.rawAttributes[attribute] ?? {}
  return { [columnOf(model, attribute)]: defaultValue }
}

/** The sets of columns that each identify a row: the primary key, and every unique key that Sequelize knows. */
export function uniqueColumnSets(model: AnyModel): readonly (readonly string[])[] {
  const { uniqueKeys = {}, _indexes: indexes = [] } = internals(model)
  const ofIndexes = indexes
    .filter((index) => index.unique === true && index.where === undefined)
    .map((index) =>
      (index.fields ?? []).map((field) =>
        typeof field === 'string' ? field : (field.name ?? field.attribute ?? ''),
      ),
    )
  const sets = [primaryKeyColumns(model), ...Object.values(uniqueKeys).map((key) => key.fields), ...ofIndexes]
  return sets.filter((columns) => columns.length > 0 && !columns.includes(''))
}

/** Keyed by the map of a model's attributes, which Sequelize recreates whenever an association adds one. */
const knownForeignKeys = new WeakMap<object, readonly string[]>()

/**
 * The attributes that connect a record with others: those that contain another record's key, by associations from either
 * side or by `references`, and those other than the primary key that another record's foreign key refers to.
 */
export function foreignKeys(model: AnyModel): readonly string[] {
  const { tableAttributes } = internals(model)
  let keys = knownForeignKeys.get(tableAttributes)
  if (keys === undefined) knownForeignKeys.set(tableAttributes, (keys = findForeignKeys(model)))
  return keys
}

function findForeignKeys(model: AnyModel): readonly string[] {
  const names = new Set<string>()
  for (const [name, attribute] of Object.entries<ModelAttributeColumnOptions>(model.rawAttributes))
    if (attribute.references !== undefined) names.add(name)
  const referred = new Set<string | undefined>()
  for (const source of [model, ...Object.values(sequelizeOf(model).models)])
    for (const association of Object.values(source.associations)) {
      const { through, foreignKey, otherKey, sourceKey, targetKey } = keysOf(association)
      const isToOne = association.associationType === 'BelongsTo'
      const [isSource, isTarget] = [source.name === model.name, association.target.name === model.name]
      if (through?.model.name === model.name) names.add(foreignKey).add(otherKey)
      if (through === undefined && (isToOne ? isSource : isTarget)) names.add(foreignKey)
      if (isSource && !isToOne) referred.add(sourceKey)
      if (isTarget && (isToOne || through !== undefined)) referred.add(targetKey)
    }
  const [primary, ...others] = model.primaryKeyAttributes
  for (const name of referred)
    if (name !== undefined && (name !== primary || others.length > 0)) names.add(name)
  return [...names]
}

/** The stored values of a record, by attributes. */
export function valuesOf(record: Model): Row {
  return record.dataValues as Row
}
