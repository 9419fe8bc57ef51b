import type { Model, ModelStatic } from 'sequelize'

/** A Sequelize model class, or a scoped variant of one. */
export type AnyModel = ModelStatic<Model>

/** Values by attribute name, or by column name where documented. */
export type Row = Readonly<Record<string, unknown>>

/** A table as Sequelize passes it to its query interface. */
export type Table = string | { readonly tableName: string; readonly schema?: string }

/** A condition with column names, as Sequelize passes it to its query interface. */
export type Where = Readonly<Record<string | symbol, unknown>> | readonly unknown[]
