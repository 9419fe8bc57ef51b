import type { Model, Sequelize, TransactionOptions } from 'sequelize'
import type { Row } from '../model/model-class.ts'
import { logStatement } from './log-statement.ts'
import type { OpenTransaction } from './open-transaction.ts'

/** A client of `pg`. */
interface PgClient {
  query(
    sql: string,
    callback: (error: Error | null | undefined, result?: { readonly rows: readonly Row[] }) => void,
  ): unknown
  /** How Sequelize marks a connection that its pool must not use again. */
  _invalid?: boolean
}

/** Sequelize's query of one statement; it knows the driver's errors. */
type QueryClass = new (
  client: PgClient,
  sequelize: Sequelize,
  options: object,
) => { run(sql: string): Promise<readonly Row[]> }

/** What Sequelize's types leave out. */
interface Internals {
  readonly dialect: { readonly Query: QueryClass }
  readonly options: {
    readonly benchmark?: boolean
    readonly dialectOptions?: { readonly prependSearchPath?: boolean }
  }
  readonly query: object
  hasHook(name: 'beforeQuery' | 'afterQuery'): boolean
}

/** What Sequelize knows of a statement. */
export interface StatementOptions extends TransactionOptions {
  /** The record that it writes. */
  readonly instance?: Model
}

/** Whether somebody hears, or takes the place, of what Sequelize does for a statement. */
export function isListenedTo(sequelize: Sequelize): boolean {
  const internals = sequelize as unknown as Internals
  return (
    internals.options.benchmark === true ||
    internals.options.dialectOptions?.prependSearchPath === true ||
    Object.hasOwn(sequelize, 'query') ||
    // By `shimmer`, with which OpenTelemetry traces.
    Object.hasOwn(internals.query, '__wrapped') ||
    internals.hasHook('beforeQuery') ||
    internals.hasHook('afterQuery')
  )
}

/**
 * Executes a statement without parameters on PostgreSQL straight by the driver, as what Sequelize does around each takes
 * longer than all that we do for a write. The statement is on its way when this returns.
 *
 * @returns its rows
 * @throws what Sequelize would
 */
export async function queryByDriver(
  transaction: OpenTransaction,
  sql: string,
  options: StatementOptions,
): Promise<readonly Row[]> {
  const client = transaction.connection as PgClient
  logStatement(transaction, sql, options)
  try {
    return await new Promise((resolve, reject) => {
      client.query(sql, (error, result) => (error ? reject(error) : resolve(result?.rows ?? [])))
    })
  } catch (error) {
    return failAsSequelize(transaction, sql, options, error as Error)
  }
}

/** Has Sequelize make its own error, by a query of its own whose driver has failed so. */
async function failAsSequelize(
  transaction: OpenTransaction,
  sql: string,
  options: StatementOptions,
  error: Error,
): Promise<never> {
  const { sequelize, connection } = transaction
  const { instance } = options
  const known = { ...options, ...(instance && { model: instance.constructor }), logging: false }
  const failing: PgClient = { query: (_sql, callback) => callback(error) }
  const { Query } = (sequelize as unknown as Internals).dialect
  try {
    await new Query(failing, sequelize, known).run(sql)
  } finally {
    if (failing._invalid === true) Object.assign(connection as PgClient, { _invalid: true })
  }
  throw error
}
