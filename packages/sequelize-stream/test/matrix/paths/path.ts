import type { Model, Sequelize, Transaction } from 'sequelize'
import type { UpdateStreamer } from '../../../src/index.ts'
import type { MatrixModels } from '../models.ts'

export type DialectName = 'postgres' | 'sqlite' | 'mariadb'

export interface PathWorld extends MatrixModels {
  readonly sequelize: Sequelize
}

export interface PathOptions {
  transaction?: Transaction
}

/** One way to write. */
export interface Path {
  readonly name: string
  /** Makes its writes with these options, which contain the transaction if there is one. */
  write(world: PathWorld, options: PathOptions): Promise<unknown>
  /** Number of rows that it changes. */
  readonly rows: number | Readonly<Record<DialectName, number>>
  /** Rows that it writes without a difference in the database. They are reported all the same. */
  readonly rewrites?: Readonly<Record<DialectName, readonly string[]>>
  /** References of rows for which they differ from the references lost in the database. */
  readonly references?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  /** Sequelize runs its statements concurrently, so they may end in any order. */
  readonly isParallel?: boolean
  /** The database chooses which rows it writes, and the choice may differ from run to run. */
  readonly isAnyRow?: boolean
  /** Dialects in which Sequelize supports it. All if absent. */
  readonly dialects?: readonly DialectName[]
  /** Number of rows whose delay messages are sent at its start, whatever happens later. */
  readonly eagerRows?: number
  /** It is a TRUNCATE, which locks out readers on PostgreSQL and commits by itself on MariaDB. */
  readonly isTruncate?: boolean
}

/** A path that needs the `UpdateStreamer` and has no equivalent on an unstreamed model. */
export interface ExplicitPath extends Omit<Path, 'write'> {
  write(world: PathWorld & { readonly streamer: UpdateStreamer }, options: PathOptions): Promise<unknown>
}

/** Resolves with a record that must exist. */
export async function found<M extends Model>(promise: Promise<M | null>): Promise<M> {
  const record = await promise
  if (record === null) throw new Error('The record is missing')
  return record
}

/** Calls a mixin. The types of `define` do not include mixins. */
export async function mixin(
  promise: Promise<Model | null>,
  name: string,
  ...args: unknown[]
): Promise<unknown> {
  const record = (await found(promise)) as unknown as Record<string, (...args: unknown[]) => unknown>
  const method = record[name]
  if (method === undefined) throw new Error(`There is no mixin ${name}`)
  return method.apply(record, args)
}
