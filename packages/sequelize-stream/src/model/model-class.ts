import type { Model, ModelAttributeColumnOptions, ModelStatic, Sequelize } from 'sequelize'

export type AnyModel = ModelStatic<Model>

/** Values by name: of attributes, or of columns where it says so. */
export type Row = Readonly<Record<string, unknown>>

/** What Sequelize's types leave out of a model. */
interface ModelInternals {
  readonly uniqueKeys?: Readonly<Record<string, { readonly fields: readonly string[] }>>
  readonly _indexes?: readonly {
    readonly unique?: boolean
    readonly where?: unknown
    readonly fields?: readonly (string | { readonly name?: string; readonly attribute?: string })[]
  }[]
  readonly _timestampAttributes: { readonly deletedAt?: string }
  readonly _virtualAttributes: ReadonlySet<string>
}

function internals(model: AnyModel): ModelInternals {
  return model as unknown as ModelInternals
}

export function sequelizeOf(model: AnyModel): Sequelize {
  if (model.sequelize === undefined) throw new TypeError(`${model.name} is not initialised`)
  return model.sequelize
}

/** The column of an attribute. */
export function columnOf(model: AnyModel, attribute: string): string {
  return model.rawAttributes[attribute]?.field ?? attribute
}

export function primaryKeyColumns(model: AnyModel): readonly string[] {
  return model.primaryKeyAttributes.map((attribute) => columnOf(model, attribute))
}

/** The attributes that are columns. */
export function storedAttributes(model: AnyModel): readonly string[] {
  const virtual = internals(model)._virtualAttributes
  return Object.keys(model.rawAttributes).filter((attribute) => !virtual.has(attribute))
}

/** A row by columns as a row by attributes. */
export function toAttributes(model: AnyModel, columns: Row, attributes: readonly string[]): Row {
  const row: Record<string, unknown> = {}
  for (const attribute of attributes) {
    const value = columns[columnOf(model, attribute)]
    if (value !== undefined) row[attribute] = value
  }
  return row
}

/** The column that marks a row of a paranoid model as deleted. */
export function deletedAtColumn(model: AnyModel): string | undefined {
  const attribute = internals(model)._timestampAttributes.deletedAt
  return attribute === undefined ? undefined : columnOf(model, attribute)
}

/** The sets of columns of which each identifies a row: the primary key, and every unique key that Sequelize knows. */
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

/** The attributes that hold another record's key: of `belongsTo` associations, and those defined with `references`. */
export function foreignKeys(model: AnyModel): readonly string[] {
  const names = new Set<string>()
  for (const association of Object.values(model.associations))
    if (association.associationType === 'BelongsTo') names.add(association.foreignKey)
  for (const [name, attribute] of Object.entries<ModelAttributeColumnOptions>(model.rawAttributes))
    if (attribute.references !== undefined) names.add(name)
  return [...names]
}

/** The stored values of a record, by attributes. */
export function valuesOf(record: Model): Row {
  return record.dataValues as Row
}
