import type { Model } from 'sequelize'
import { columnOf, sequelizeOf, toAttributes } from '../model/model-class.ts'
import type { Row } from '../model/model-class.ts'
import type { QueryWrites, Table, Where } from './query-writes.ts'
import type { WriteScope } from './write-scope.ts'

/**
 * Deletes a record as Sequelize does, on PostgreSQL.
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
  const queries = sequelize.getQueryInterface()
  const generator = queries.queryGenerator as { quoteIdentifier(name: string): string }
  const columns = attributes.map((each) => generator.quoteIdentifier(columnOf(model, each))).join(', ')
  // The DELETE is the only statement that this method has Sequelize execute.
  const query = (sql: string, queryOptions: object): Promise<unknown> =>
    sequelize.query(`${sql} RETURNING ${columns}`, queryOptions)
  const returning = Object.create(queries, { sequelize: { value: { query } } }) as QueryWrites
  const [row = {}] = (await returning.delete(record, table, where, options)) as readonly Row[]
  return toAttributes(model, row, attributes)
}
