import type { Options as RetryOptions } from 'retry-as-promised'
import type { Model, QueryInterface, QueryOptions, Transaction, TransactionOptions } from 'sequelize'
import type { AnyModel, Row, Table, Where } from './types.ts'

/** The options of a write as the query interface receives them: the caller's, with Sequelize's additions. */
export interface WriteOptions {
  readonly transaction?: Transaction | null
  readonly logging?: TransactionOptions['logging']
  readonly benchmark?: boolean
  readonly searchPath?: string
  readonly replacements?: Record<string, unknown> | unknown[]
  readonly retry?: RetryOptions
  readonly raw?: boolean
  readonly returning?: boolean | readonly string[]
  readonly limit?: number | null
  readonly truncate?: boolean
  readonly cascade?: boolean
  readonly ignoreDuplicates?: boolean
  readonly updateOnDuplicate?: readonly string[]
  /** The columns of the unique key on which an INSERT may conflict, from `upsert` and `bulkCreate`. */
  readonly conflictFields?: readonly string[]
  readonly upsertKeys?: readonly string[]
  readonly instance?: Model
}

/** The parts of a model's write that additional statements need. */
export interface ModelWrite {
  readonly model: AnyModel
  readonly options: WriteOptions
}

/** The options of a write that also apply to the statements that streaming adds. */
export function addedStatementOptions(options: WriteOptions): QueryOptions {
  const { transaction, logging, benchmark, searchPath, replacements, retry } = options
  return {
    ...(transaction !== undefined && { transaction }),
    // Don't pass undefined: `logging: undefined` would silence Sequelize's own log.
    ...(logging !== undefined && { logging }),
    ...(benchmark !== undefined && { benchmark }),
    ...(searchPath !== undefined && { searchPath }),
    ...(replacements !== undefined && { replacements }),
    ...(retry !== undefined && { retry }),
  }
}

type Arithmetic = (
  model: AnyModel,
  table: Table,
  where: Where,
  amounts: Row,
  extra: Row,
  options: WriteOptions,
) => Promise<unknown>

/**
 * The methods of Sequelize's query interface through which a model writes, with their actual parameters. Every write
 * path of a model ends in one of these, after hooks and validation.
 */
export interface QueryWrites {
  insert(instance: Model, table: Table, values: Row, options: WriteOptions): Promise<unknown>
  update(instance: Model, table: Table, values: Row, where: Where, options: WriteOptions): Promise<unknown>
  delete(instance: Model, table: Table, where: Where, options: WriteOptions): Promise<unknown>
  upsert(table: Table, inserted: Row, updated: Row, where: Where, options: WriteOptions): Promise<unknown>
  bulkInsert(
    table: Table,
    records: readonly Row[],
    options: WriteOptions,
    attributes: object,
  ): Promise<unknown>
  bulkUpdate(
    table: Table,
    values: Row,
    where: Where,
    options: WriteOptions,
    attributes: object,
  ): Promise<unknown>
  bulkDelete(table: Table, where: Where | undefined, options: WriteOptions, model: AnyModel): Promise<unknown>
  increment: Arithmetic
  decrement: Arithmetic
}

/** The query interface as a model calls it. */
export function writesOf(queries: QueryInterface): QueryWrites {
  return queries as unknown as QueryWrites
}
