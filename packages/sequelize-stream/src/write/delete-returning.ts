import type { Model } from 'sequelize'
import { columnOf, sequelizeOf, toAttributes } from '../model/model-class.ts'
import type { Row } from '../model/model-class.ts'
import { driverWrites, returned } from './driver-writes.ts'
import type { Table, Where } from './query-writes.ts'
import type { WriteScope } from './write-scope.ts'

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
  const withColumns = { ...options, [returned]: columns }
  const rows = await driverWrites(sequelize).delete(record, table, where, withColumns)
  const [row = {}] = rows as readonly Row[]
  return toAttributes(model, row, attributes)
}
