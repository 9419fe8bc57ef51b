import { KtError } from '@kt/core'
import { Op } from 'sequelize'
import { primaryKeyColumns, sequelizeOf } from '../model/model-class.ts'
import { isWholeNumber } from '../source/castable.ts'
import { isExpression } from './condition.ts'
import { addedStatementOptions } from '../model/query-writes.ts'
import { generatorOf } from '../model/query-generator.ts'
import type { WriteScope } from '../write-scope.ts'
import type { Row, Table } from '../model/types.ts'

const none = (): Promise<readonly Row[]> => Promise.resolve([])

/**
 * Finds the rows, by columns, whose keys the database generates for the next INSERT without returning them: those with
 * higher keys than any before. Some may belong to other writers, which does no harm.
 *
 * @throws KtError `KT_STREAM_FAILED` when they could not be found, before anything is written
 */
export async function generatedKeys(
  scope: WriteScope,
  table: Table,
  records: readonly Row[],
): Promise<() => Promise<readonly Row[]>> {
  const { model } = scope
  const columns = primaryKeyColumns(model)
  if (records.every((record) => columns.every((column) => isGiven(record[column])))) return none
  const [column = '', ...others] = columns
  const [attribute = ''] = model.primaryKeyAttributes
  if (others.length > 0 || !isWholeNumber(model, attribute))
    throw new KtError(
      'KT_STREAM_FAILED',
      `The primary keys that this database generates for ${model.name} can't be determined. Set them yourself, or use UpdateStreamer.bulk`,
      { retryable: false },
    )
  const sequelize = sequelizeOf(model)
  const generator = generatorOf(model)
  const name = generator.quoteIdentifier(column)
  const from = `FROM ${generator.quoteTable(table)}`
  const options = addedStatementOptions(scope.options)
  const [found] = await sequelize.query(`SELECT MAX(${name}) AS highest ${from}`, options)
  const [highest] = found as readonly { readonly highest: number | string | null }[]
  const where = highest?.highest == null ? undefined : { [column]: { [Op.gt]: highest.highest } }
  return async () => {
    const sql = `SELECT ${name} ${from} ${generator.whereQuery(where, { model })}`
    const [rows] = await sequelize.query(sql, options)
    return rows as readonly Row[]
  }
}

/** Whether the given value is inserted, rather than the column's default. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && !isExpression(value)
}
