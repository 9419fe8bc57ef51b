import type { Association, Model } from 'sequelize'
import { columnOf, sequelizeOf, toAttributes } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import type { Table, Where } from './query-writes.ts'
import { canReturn } from './returning.ts'
import { hasRules } from './rewrite-rules.ts'
import type { WriteScope } from './write-scope.ts'

/** The parts of Sequelize's query generator that render the DELETE of a record. */
interface DeleteWriter {
  deleteQuery(table: Table, where: Where, options: object, model: AnyModel): string
  quoteIdentifier(name: string): string
}

/** Whether `deleteReturning` does all that Sequelize does for the DELETE of a record. */
export async function canDeleteReturning(scope: WriteScope, table: Table): Promise<boolean> {
  const { model } = scope
  return canReturn(model) && !hasCascadingHooks(model) && !(await hasRules(scope, table, 'DELETE'))
}

/**
 * Executes the DELETE of a record, as Sequelize's query interface renders it, such that it returns attributes of the
 * row: the row need not be read and locked first.
 *
 * @returns what they were; nothing if there was no row
 */
export async function deleteReturning(
  { model, options }: WriteScope,
  record: Model,
  table: Table,
  where: Where,
  attributes: readonly string[],
): Promise<Row> {
  const sequelize = sequelizeOf(model)
  const generator = sequelize.getQueryInterface().queryGenerator as DeleteWriter
  const columns = attributes.map((each) => generator.quoteIdentifier(columnOf(model, each)))
  const sql = `${generator.deleteQuery(table, where, {}, model)} RETURNING ${columns.join(', ')}`
  const rows = (await sequelize.query(sql, { ...(options as object), instance: record })) as readonly Row[]
  return toAttributes(model, rows[0] ?? {}, attributes)
}

/** Whether Sequelize destroys associated records, one by one, before this one. */
function hasCascadingHooks(model: AnyModel): boolean {
  return Object.values(model.associations).some((association) => {
    const { options = {} } = association as Association & { readonly options?: CascadeOptions }
    return options.onDelete?.toLowerCase() === 'cascade' && options.useHooks === true
  })
}

interface CascadeOptions {
  readonly onDelete?: string
  readonly useHooks?: boolean
}
