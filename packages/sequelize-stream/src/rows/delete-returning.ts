import { QueryTypes } from 'sequelize'
import type { Association, Model } from 'sequelize'
import { columnOf, sequelizeOf, toAttributes } from '../model/model-class.ts'
import { generatorOf } from '../model/query-generator.ts'
import type { WriteOptions } from '../model/query-writes.ts'
import { canReturn } from './returning.ts'
import { isRewritten } from './rewrite-rules.ts'
import { associatedWith } from '../model/untyped.ts'
import type { WriteScope } from '../write-scope.ts'
import type { AnyModel, Row, Table, Where } from '../model/types.ts'

interface Delete {
  readonly table: Table
  readonly where: Where | undefined
  /** The record, when a single one is deleted. Loggers and query hooks receive it. */
  readonly instance?: Model
}

/** Whether a DELETE can return the rows that it deletes. */
export async function returnsDeleted(scope: WriteScope, table: Table): Promise<boolean> {
  return canReturn(scope.model) && !(await isRewritten(scope, table, 'DELETE'))
}

/**
 * Executes a DELETE, rendered by Sequelize's query interface, that returns attributes of the deleted rows. This saves
 * reading and locking them first.
 *
 * @returns the rows, by attributes
 */
export async function deleteReturning(
  { model, options }: WriteScope,
  { table, where, attributes, instance }: Delete & { readonly attributes: readonly string[] },
): Promise<readonly Row[]> {
  const generator = generatorOf(model)
  const columns = attributes.map((each) => generator.quoteIdentifier(columnOf(model, each))).join(', ')
  // Sequelize renders the DELETE of a record without options.
  const statement = generator.deleteQuery(table, where, instance === undefined ? options : {}, model)
  const [rows] = await sequelizeOf(model).query(`${statement} RETURNING ${columns}`, {
    ...(options as object),
    ...(instance !== undefined && { instance }),
    type: QueryTypes.RAW,
  })
  return (rows as readonly Row[]).map((row) => toAttributes(model, row, attributes))
}

/** Executes the DELETE of a record as Sequelize's query interface does, but leaves its dependents alone. */
export function deleteRecord(
  { model, options }: WriteScope,
  { table, where, instance }: Delete,
): Promise<unknown> {
  const sql = generatorOf(model).deleteQuery(table, where, {}, model)
  return sequelizeOf(model).query(sql, { ...(options as object), ...(instance && { instance }) })
}

/** Whether Sequelize destroys associated records one by one before it destroys a record of this model. */
export function hasDependents(model: AnyModel): boolean {
  return Object.values(model.associations).some(cascadesByHooks)
}

/**
 * Destroys associated records one by one where the model asks for it, as Sequelize does before the DELETE of a record.
 * It does not run in our transaction, because the hooks of these models run meanwhile and could wait for its locks.
 */
export async function destroyDependents(record: Model, options: WriteOptions): Promise<void> {
  const { associations } = record.constructor as AnyModel
  for (const association of Object.values(associations)) {
    if (!cascadesByHooks(association)) continue
    const found = await associatedWith(record, association, options)
    for (const dependent of found) await dependent.destroy(options as object)
  }
}

function cascadesByHooks(association: Association): boolean {
  const { options = {} } = association as Association & {
    readonly options?: { readonly onDelete?: string; readonly useHooks?: boolean }
  }
  return options.onDelete?.toLowerCase() === 'cascade' && options.useHooks === true
}
