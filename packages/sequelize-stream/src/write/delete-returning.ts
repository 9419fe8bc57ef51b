import type { Model, QueryInterface, Sequelize } from 'sequelize'
import { columnOf, sequelizeOf, toAttributes } from '../model/model-class.ts'
import type { Row } from '../model/model-class.ts'
import { isListenedTo, queryByDriver } from '../transaction/driver-query.ts'
import type { OpenTransaction } from '../transaction/open-transaction.ts'
import type { QueryWrites, Table, Where, WriteOptions } from './query-writes.ts'
import type { WriteScope } from './write-scope.ts'

/** The option with the columns that a DELETE returns, quoted; empty for none. */
const returned = Symbol('returned')

type DeleteOptions = WriteOptions & { readonly [returned]: string }

const deriving = new WeakMap<Sequelize, QueryWrites>()

/**
 * Deletes a record as Sequelize does, on PostgreSQL; by the driver itself, unless somebody listens to queries.
 *
 * @returns what `attributes` were in the row; none of them if there was no row
 */
export async function deleteReturning(
  { model, options }: WriteScope,
  record: Model,
  table: Table,
  where: Where,
  attributes: readonly string[],
): Promise<Row> {
  const sequelize = sequelizeOf(model)
  const generator = sequelize.getQueryInterface().queryGenerator as { quoteIdentifier(name: string): string }
  const columns = attributes.map((each) => generator.quoteIdentifier(columnOf(model, each))).join(', ')
  const withColumns: DeleteOptions = { ...options, [returned]: columns }
  const rows = await returningDeletes(sequelize).delete(record, table, where, withColumns)
  const [row = {}] = rows as readonly Row[]
  return toAttributes(model, row, attributes)
}

/** Sequelize's query interface, of which the DELETE returns what its options ask for. */
function returningDeletes(sequelize: Sequelize): QueryWrites {
  let derived = deriving.get(sequelize)
  if (derived === undefined) {
    const queries: QueryInterface = sequelize.getQueryInterface()
    // The DELETE is the only statement that its method has Sequelize execute.
    const query = (deleting: string, options: DeleteOptions): Promise<unknown> => {
      const sql = options[returned] === '' ? deleting : `${deleting} RETURNING ${options[returned]}`
      const transaction = options.transaction as OpenTransaction
      // Sequelize tells whoever comes too late.
      return transaction.finished !== undefined || isListenedTo(sequelize)
        ? sequelize.query(sql, options as object)
        : queryByDriver(transaction, sql, options as object)
    }
    derived = Object.create(queries, { sequelize: { value: { query } } }) as QueryWrites
    deriving.set(sequelize, derived)
  }
  return derived
}
