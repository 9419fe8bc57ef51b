import type { Model, QueryInterface, Sequelize } from 'sequelize'
import type { AnyModel, Row } from '../model/model-class.ts'
import { asSequelize, isForDriver, queryByDriver, toParameters } from '../transaction/driver-query.ts'
import type { PgAnswer, PgResult, Statement, StatementOptions } from '../transaction/driver-query.ts'
import type { OpenTransaction } from '../transaction/open-transaction.ts'
import type { QueryWrites, WriteOptions } from './query-writes.ts'

/** The option with the columns that a DELETE returns, quoted; empty for none. */
export const returned: unique symbol = Symbol('returned')

/** How one record is written. */
export type RecordWrites = Pick<QueryWrites, 'insert' | 'update' | 'delete'>

type RecordOptions = WriteOptions &
  StatementOptions & { readonly type?: string; readonly [returned]?: string }

/** A statement as Sequelize makes it. */
type Made = string | { readonly query: string; readonly bind?: object }

const deriving = new WeakMap<Sequelize, RecordWrites>()

/**
 * Sequelize's query interface, of which the statements that write one record go to the driver itself, unless somebody
 * listens to queries. For PostgreSQL.
 */
export function driverWrites(sequelize: Sequelize): RecordWrites {
  let derived = deriving.get(sequelize)
  if (derived === undefined) {
    const queries: QueryInterface = sequelize.getQueryInterface()
    // The statement of the record is the only one that these methods have Sequelize execute.
    const query = (made: Made, options: RecordOptions): Promise<unknown> => {
      const transaction = options.transaction as OpenTransaction
      // Sequelize tells whoever comes too late.
      return transaction.finished === undefined && isForDriver(sequelize, options)
        ? writeByDriver(transaction, toStatement(sequelize, made, options))
        : sequelize.query(withReturning(made, options) as string, options as object)
    }
    derived = Object.create(queries, { sequelize: { value: { query } } }) as QueryWrites
    deriving.set(sequelize, derived)
  }
  return derived
}

function withReturning<M extends Made>(made: M, { [returned]: columns = '' }: RecordOptions): M | string {
  return columns === '' ? made : `${made as string} RETURNING ${columns}`
}

type RecordStatement = Statement & { readonly options: RecordOptions }

function toStatement(sequelize: Sequelize, made: Made, options: RecordOptions): RecordStatement {
  const whole = withReturning(made, options)
  if (typeof whole === 'string') return { sql: whole, options }
  if (whole.bind === undefined) return { sql: whole.query, options }
  const [sql, parameters] = toParameters(sequelize, whole.query, whole.bind)
  return { sql, parameters, options }
}

function writeByDriver(transaction: OpenTransaction, statement: RecordStatement): Promise<unknown> {
  const { instance, type } = statement.options
  return queryByDriver(transaction, statement, (answer) => {
    if (type === 'DELETE') return (answer as PgResult).rows
    if (instance === undefined || !isOneRow(answer)) return asSequelize(transaction, statement, answer)
    const [row] = answer.rows
    if (row !== undefined) assign(instance, row)
    return [instance, answer.rowCount]
  })
}

/** Whether it is the usual answer, of which what Sequelize makes is as simple as `assign`. */
function isOneRow(answer: PgAnswer): answer is PgResult {
  if (!('rowCount' in answer) || answer.rowCount !== 1) return false
  const [row = {}] = answer.rows
  return row['sequelize_caught_exception'] === undefined
}

/** Gives a record what the database made of it, as Sequelize does. */
function assign(record: Model, row: Row): void {
  const model = record.constructor as AnyModel
  const values = record.dataValues as Record<string, unknown>
  for (const column in row) values[attributeOf(model, column)] = row[column]
}

function attributeOf({ rawAttributes }: AnyModel, column: string): string {
  for (const name in rawAttributes) if (name === column || rawAttributes[name]?.field === column) return name
  return column
}
