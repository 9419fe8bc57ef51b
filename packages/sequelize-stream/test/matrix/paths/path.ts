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
  /** Makes its writes with these options, which hold the transaction if there is one. */
  write(world: PathWorld, options: PathOptions): Promise<unknown>
  /** How many rows it changes. */
  readonly rows: number | Readonly<Record<DialectName, number>>
  /** Rows that it writes as they were, so that the database shows no difference: told all the same. */
  readonly rewrites?: Readonly<Record<DialectName, readonly string[]>>
  /** The references of rows of which they are not just what the database shows as lost. */
  readonly references?: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
  /** Sequelize makes its statements at the same time, so that they may end in any order. */
  readonly isParallel?: boolean
  /** Which of the rows it writes is up to the database, and may differ from run to run. */
  readonly isAnyRow?: boolean
  /** Dialects in which Sequelize offers it; all if absent. */
  readonly dialects?: readonly DialectName[]
  /** Of how many rows the delay messages are sent when it begins, whatever becomes of it. */
  readonly eagerRows?: number
  /** It is a TRUNCATE, which locks readers out on PostgreSQL, and commits by itself on MariaDB. */
  readonly isTruncate?: boolean
}

/** A path that needs the `UpdateStreamer`: it has no equal on a model that is not streamed. */
export interface ExplicitPath extends Omit<Path, 'write'> {
  write(world: PathWorld & { readonly streamer: UpdateStreamer }, options: PathOptions): Promise<unknown>
}

/** A record that must be there. */
export async function found<M extends Model>(promise: Promise<M | null>): Promise<M> {
  const record = await promise
  if (record === null) throw new Error('The record is missing')
  return record
}

/** Calls a mixin, which no type of `define` knows. */
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
