import { primaryKeyColumns, sequelizeOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { copiedValues, copyRows } from '../transaction/copy-rows.ts'
import { isListenedTo } from '../transaction/driver-query.ts'
import type { OpenTransaction } from '../transaction/open-transaction.ts'
import type { QueryWrites, Table, Where } from './query-writes.ts'
import { canReturn } from './returning.ts'
import type { WriteScope } from './write-scope.ts'

/** The types of keys of which the text is, or easily becomes, what the driver makes of them. */
const numbers: readonly unknown[] = ['TINYINT', 'SMALLINT', 'MEDIUMINT', 'INTEGER']
const texts: readonly unknown[] = ['BIGINT', 'STRING', 'TEXT', 'UUID']

/** Models of tables that COPY does not write, because of their rules. */
const refused = new WeakSet<AnyModel>()

/** The table has to be written in another way. Nothing was done, but the transaction is lost. */
export class CopyRefused extends Error {}

export interface BulkUpdate {
  readonly table: Table
  readonly values: Row
  readonly where: Where
  readonly attributes: object
}

/**
 * Executes an UPDATE that tells by itself which rows it changes, while it is still at work: by `COPY (UPDATE …
 * RETURNING …)`, as any other statement that returns rows does so only at its end. Thus they need not be read and locked
 * first, and their delay messages are under way. Only in a transaction of ours, where no other statement can get
 * between.
 *
 * @returns how many rows; undefined where that is not to be had, and nothing was done
 * @throws CopyRefused
 */
export async function updateCopying(scope: WriteScope, update: BulkUpdate): Promise<number | undefined> {
  const { model, stream, isAlone, options, emitter } = scope
  const toRow = keyParser(model)
  if (!isAlone || !canReturn(model) || stream.isCustom || options.returning || toRow === undefined)
    return undefined
  // What somebody does before or after the statement might be a statement, too.
  if (refused.has(model) || isListenedTo(sequelizeOf(model))) return undefined
  let take: (row: Row) => void = () => undefined
  if (!copyRows(options.transaction as OpenTransaction, (line) => take(toRow(line)))) return undefined
  const { table, values, where, attributes } = update
  try {
    return await emitter.followed(async (note) => {
      take = note
      // A COPY takes no parameters.
      const withoutParameters = { ...options, bindParam: false }
      return copying(model).bulkUpdate(table, values, where, withoutParameters, attributes)
    })
  } catch (error) {
    if (!isUnsupported(error)) throw error
    refused.add(model)
    throw new CopyRefused('COPY does not write this table', { cause: error })
  }
}

/** Sequelize's query interface, with its one statement as a COPY. */
function copying(model: AnyModel): QueryWrites {
  const sequelize = sequelizeOf(model)
  const queries = sequelize.getQueryInterface()
  const generator = queries.queryGenerator as { quoteIdentifier(name: string): string }
  const columns = primaryKeyColumns(model).map((column) => generator.quoteIdentifier(column))
  const query = (sql: string | { readonly query: string }, options: object): Promise<unknown> =>
    // A text is what Sequelize makes of an UPDATE that sets nothing.
    sequelize.query(
      typeof sql === 'string' ? sql : `COPY (${sql.query} RETURNING ${columns.join(', ')}) TO STDOUT`,
      options,
    )
  const value = Object.create(sequelize, { query: { value: query } }) as unknown
  return Object.create(queries, { sequelize: { value } }) as QueryWrites
}

/** Makes the primary key, by attributes, of a copied row. */
function keyParser(model: AnyModel): ((line: string) => Row) | undefined {
  const parsers = model.primaryKeyAttributes.map((attribute) => {
    const type = model.rawAttributes[attribute]?.type as { readonly key?: string } | undefined
    const isNumber = numbers.includes(type?.key)
    return { attribute, isNumber, isKnown: isNumber || texts.includes(type?.key) }
  })
  if (!parsers.every(({ isKnown }) => isKnown)) return undefined
  const [only, ...others] = parsers
  if (only?.isNumber && others.length === 0) return (line) => ({ [only.attribute]: Number(line) })
  return (line) => {
    const values = copiedValues(line)
    const row: Record<string, unknown> = {}
    for (const [index, { attribute, isNumber }] of parsers.entries())
      row[attribute] = isNumber ? Number(values[index]) : values[index]
    return row
  }
}

function isUnsupported(error: unknown): boolean {
  return (error as { readonly original?: { readonly code?: unknown } }).original?.code === '0A000'
}
