import { DataTypes } from 'sequelize'
import type { ModelAttributes, ModelOptions, Options } from 'sequelize'
import type { DialectName } from '../paths/path.ts'

/** A row, by attributes. */
export type Values = Readonly<Record<string, unknown>>

/**
 * A model that is not like others. Besides what is odd about it, it has a `label`, by which rows are found, and an
 * `amount`.
 */
export interface OddTable {
  readonly name: string
  /** @defaultValue all */
  readonly dialects?: readonly DialectName[]
  /** Beside `label` and `amount`, which may be told anew. */
  readonly attributes: ModelAttributes
  readonly model?: ModelOptions
  /** Of the connection. */
  readonly sequelize?: Options
  /** The keys of the two rows that are there, and of two new ones. None: the database makes them. */
  readonly keys: readonly Values[]
  /** SQL that is executed when the table is there, before it has rows; `T` stands for the table. */
  readonly setUp?: readonly string[]
  /** Whether its keys can be ids. Where they can't, whatever would change a row is rejected. @defaultValue true */
  readonly isNamed?: boolean
  /** Whether a trigger keeps rows from being written, of which a message too many may tell. @defaultValue false */
  readonly skipsRows?: boolean
  /** What all calls get besides. */
  readonly options?: object
}

/** A table without its odd part. */
export const plainAttributes: ModelAttributes = {
  label: DataTypes.STRING(40),
  amount: { type: DataTypes.INTEGER, defaultValue: 0 },
}
