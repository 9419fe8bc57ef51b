import type { Model, Sequelize, Transaction } from 'sequelize'
import type { Row } from '../model/model-class.ts'
import { logStatement } from './log-statement.ts'
import type { Logged } from './log-statement.ts'
import type { OpenTransaction } from './open-transaction.ts'

/** What `pg` answers; a list of it for several statements at once. */
export interface PgResult {
  readonly rows: readonly Row[]
  readonly rowCount: number | null
}

export type PgAnswer = PgResult | readonly PgResult[]

type Callback = (error: Error | null | undefined, answer?: PgAnswer) => void

/** A client of `pg`. */
interface PgClient {
  query(sql: string, ...rest: [callback: Callback] | [parameters: Parameters, callback: Callback]): unknown
  /** How Sequelize marks a connection that its pool must not use again. */
  _invalid?: boolean
}

type Parameters = readonly unknown[]

/** Sequelize's query of one statement; it knows the driver's errors, and what to make of its answers. */
interface SequelizeQuery {
  run(sql: string, parameters?: Parameters): Promise<unknown>
}

type QueryClass = (new (client: PgClient, sequelize: Sequelize, options: object) => SequelizeQuery) & {
  formatBindParameters(sql: string, bound: object, dialect: string): [sql: string, parameters: Parameters]
}

/** Options that change what is logged of a statement. */
interface LogOptions extends Logged {
  readonly benchmark?: boolean | undefined
  readonly logQueryParameters?: boolean | undefined
}

/** What Sequelize's types leave out. */
interface Internals {
  readonly dialect: { readonly Query: QueryClass }
  readonly options: LogOptions & {
    readonly dialect: string
    readonly dialectOptions?: { readonly prependSearchPath?: boolean }
    readonly query?: object
  }
  readonly query: object
  hasHook(name: 'beforeQuery' | 'afterQuery'): boolean
}

/** What Sequelize knows of a statement. */
export interface StatementOptions extends LogOptions {
  readonly transaction?: Transaction | null
  /** The record that it writes. */
  readonly instance?: Model
  readonly replacements?: unknown
  readonly bind?: unknown
}

/** A statement as the driver takes it. */
export interface Statement {
  readonly sql: string
  readonly parameters?: Parameters
  readonly options: StatementOptions
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

/** Whether `queryByDriver` does all that Sequelize would do for a statement. */
export function isForDriver(sequelize: Sequelize, options: StatementOptions): boolean {
  const { logQueryParameters, query = {} } = (sequelize as unknown as Internals).options
  return !(
    logQueryParameters === true ||
    options.logQueryParameters === true ||
    options.benchmark === true ||
    options.replacements !== undefined ||
    options.bind !== undefined ||
    Object.keys(query).length > 0 ||
    isListenedTo(sequelize)
  )
}

/** A statement with Sequelize's parameters (`$sequelize_1`) as one with those of PostgreSQL (`$1`). */
export function toParameters(sequelize: Sequelize, sql: string, bound: object): [string, Parameters] {
  const { dialect, options } = sequelize as unknown as Internals
  return dialect.Query.formatBindParameters(sql, bound, options.dialect)
}

/**
 * Executes a statement on PostgreSQL straight by the driver, as what Sequelize does around each takes longer than all
 * that we do for a write. It is on its way when this returns.
 *
 * @param resultOf makes of the driver's answer what is returned
 * @throws what Sequelize would
 */
export async function queryByDriver<T>(
  transaction: OpenTransaction,
  statement: Statement,
  resultOf: (answer: PgAnswer) => T | Promise<T>,
): Promise<T> {
  const { sql, parameters, options } = statement
  const client = transaction.connection as PgClient
  logStatement(transaction, sql, options)
  let answer: PgAnswer
  try {
    answer = await new Promise((resolve, reject) => {
      const answered: Callback = (error, result) => (error ? reject(error) : resolve(result ?? []))
      if (parameters?.length) client.query(sql, parameters, answered)
      else client.query(sql, answered)
    })
  } catch (error) {
    // Called right here, as its stack trace ends after ten calls, and has to reach the user's code.
    await answeredQuery(transaction, statement, (answered) => answered(error as Error)).run(sql, parameters)
    throw error
  }
  return resultOf(answer)
}

/** What Sequelize makes of the driver's answer. */
export function asSequelize(
  transaction: OpenTransaction,
  statement: Statement,
  answer: PgAnswer,
): Promise<unknown> {
  const query = answeredQuery(transaction, statement, (answered) => answered(null, answer))
  return query.run(statement.sql, statement.parameters)
}

/** A query of Sequelize whose driver has answered already. */
function answeredQuery(
  { sequelize, connection }: OpenTransaction,
  { options }: Statement,
  answer: (answered: Callback) => void,
): SequelizeQuery {
  const { instance } = options
  const known = { ...options, ...(instance && { model: instance.constructor }), logging: false }
  const client: PgClient = {
    query: (_sql, ...rest) => answer(rest.at(-1) as Callback),
    set _invalid(isInvalid: boolean) {
      Object.assign(connection as PgClient, { _invalid: isInvalid })
    },
  }
  return new (sequelize as unknown as Internals).dialect.Query(client, sequelize, known)
}
