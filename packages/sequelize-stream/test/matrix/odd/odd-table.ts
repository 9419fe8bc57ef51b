import { DataTypes } from 'sequelize'
import type { ModelAttributes, ModelOptions, Options } from 'sequelize'
import type { DialectName } from '../paths/path.ts'

/** A row, by attributes. */
export type Values = Readonly<Record<string, unknown>>

/**
 * An unusual model. Besides its odd part, it has a `label`, by which rows are found, and an `amount`.
 */
export interface OddTable {
  readonly name: string
  /** @defaultValue all */
  readonly dialects?: readonly DialectName[]
  /** Additional attributes. May redefine `label` and `amount`. */
  readonly attributes: ModelAttributes
  readonly model?: ModelOptions
  /** Options of the connection. */
  readonly sequelize?: Options
  /** The keys of the two existing rows and of two new ones. Empty if the database generates them. */
  readonly keys: readonly Values[]
  /** SQL that is executed when the table has been created and is empty. `T` stands for the table. */
  readonly setUp?: readonly string[]
  /** Whether its keys can be ids. If not, every change of a row is rejected. @defaultValue true */
  readonly isNamed?: boolean
  /** Whether a trigger skips rows, which may still be reported by a surplus message. @defaultValue false */
  readonly skipsRows?: boolean
  /** Additional options of all calls. */
  readonly options?: object
}

/** The attributes of a table without its odd part. */
export const plainAttributes: ModelAttributes = {
  label: DataTypes.STRING(40),
  amount: { type: DataTypes.INTEGER, defaultValue: 0 },
}
