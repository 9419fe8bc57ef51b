import { KtError } from '@kt/core'
import type { QueryOptions } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import { generatorOf } from '../model/query-generator.ts'
import { isExpression } from './condition.ts'
import { addedStatementOptions } from '../model/query-writes.ts'
import { tableFact } from './table-facts.ts'
import type { WriteScope } from '../write-scope.ts'
import type { AnyModel, Row, Table } from '../model/types.ts'

/** A unique index of MySQL or MariaDB. */
interface UniqueIndex {
  readonly name: string
  readonly columns: readonly string[]
  /** The columns that get a value other than NULL when a record has none. */
  readonly filled: readonly string[]
  /** Whether it covers expressions or text prefixes, so that no row can be looked up by its values. */
  readonly isOpaque: boolean
}

/** An index as Sequelize describes it. An expression has no attribute. */
interface DescribedIndex {
  readonly name: string
  readonly unique: boolean
  readonly fields: readonly { readonly attribute: string | null; readonly length?: number }[]
}

/** A row of SHOW COLUMNS. */
interface ShownColumn {
  readonly Field: string
  readonly Null: 'YES' | 'NO'
  readonly Default: unknown
  readonly Extra: string
}

/**
 * The columns of each unique index of a table on MySQL and MariaDB. Their ON DUPLICATE KEY applies to all of them, also
 * to those that the model doesn't declare. On other databases the statement specifies the unique key.
 */
export async function uniqueIndexColumns(
  scope: WriteScope,
  table: Table,
): Promise<readonly (readonly string[])[]> {
  const indexes = await uniqueIndexes(scope, table)
  return indexes.filter(({ isOpaque }) => !isOpaque).map(({ columns }) => columns)
}

/**
 * Call this before an INSERT … ON DUPLICATE KEY UPDATE.
 *
 * @param records by columns
 * @throws KtError `KT_STREAM_FAILED` when it may update a row that can't be identified, because the value of a unique
 *   index is unknown
 */
export async function requireKnownConflicts(
  scope: WriteScope,
  table: Table,
  records: readonly Row[],
): Promise<void> {
  for (const index of await uniqueIndexes(scope, table)) {
    // Generated primary keys are handled elsewhere.
    if (index.name === 'PRIMARY') continue
    const record = records.find((each) => mayConflictUnknown(each, index))
    if (record === undefined) continue
    const column = index.columns.find((each) => isUnknown(record, each, index))
    const remedy = column === undefined ? 'update the row by its key' : `set a value for ${column}`
    throw new KtError(
      'KT_STREAM_FAILED',
      `The row of ${scope.model.name} that this updates can't be identified, because of the unique index ${index.name}: ${remedy}, or use UpdateStreamer.bulk`,
      { retryable: false },
    )
  }
}

/** Whether a record may conflict, on this index, with a row that can't be looked up. */
function mayConflictUnknown(record: Row, index: UniqueIndex): boolean {
  const { columns, isOpaque } = index
  if (columns.some((column) => isNull(record, column, index))) return false
  return isOpaque || columns.some((column) => isUnknown(record, column, index))
}

/** NULL conflicts with nothing. */
function isNull(record: Row, column: string, { filled }: UniqueIndex): boolean {
  const value = record[column]
  return value === null || (value === undefined && !filled.includes(column))
}

function isUnknown(record: Row, column: string, { filled }: UniqueIndex): boolean {
  const value = record[column]
  return value === undefined ? filled.includes(column) : isExpression(value)
}

async function uniqueIndexes({ model, options }: WriteScope, table: Table): Promise<readonly UniqueIndex[]> {
  const sequelize = sequelizeOf(model)
  if (!['mysql', 'mariadb'].includes(sequelize.getDialect())) return []
  return tableFact(sequelize, `unique indexes ${JSON.stringify(table)}`, () =>
    readIndexes(model, table, addedStatementOptions(options)),
  )
}

async function readIndexes(
  model: AnyModel,
  table: Table,
  options: QueryOptions,
): Promise<readonly UniqueIndex[]> {
  const sequelize = sequelizeOf(model)
  const shown = await sequelize.getQueryInterface().showIndex(table, options)
  const [columns] = await sequelize.query(
    `SHOW COLUMNS FROM ${generatorOf(model).quoteTable(table)}`,
    options,
  )
  const filled = new Set((columns as readonly ShownColumn[]).filter(isFilled).map(({ Field }) => Field))
  return (shown as readonly DescribedIndex[])
    .filter(({ unique }) => unique)
    .map(({ name, fields }) => {
      const names = fields.flatMap(({ attribute }) => attribute ?? [])
      return {
        name,
        columns: names,
        filled: names.filter((each) => filled.has(each)),
        isOpaque: fields.some(({ attribute, length }) => attribute === null || length !== undefined),
      }
    })
}

/** An auto-increment value conflicts with nothing. A generated column has a value of its own. */
function isFilled({ Null: nullable, Default: value, Extra: extra }: ShownColumn): boolean {
  if (/auto_increment/i.test(extra)) return false
  return value !== null || nullable === 'NO' || /generated/i.test(extra)
}
