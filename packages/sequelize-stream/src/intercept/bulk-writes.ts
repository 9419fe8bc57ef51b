import type { References } from '@kt/core'
import { KtError } from '@kt/core'
import {
  changedBy,
  columnOf,
  foreignKeys,
  primaryKeyColumns,
  sequelizeOf,
  toAttributes,
  valuesOf,
} from '../model/model-class.ts'
import { noReferences, referencesIn } from '../model/references.ts'
import type { Emitter } from './emitter.ts'
import { asColumn, isExpression } from '../rows/condition.ts'
import type { LockedRows } from '../rows/check-met.ts'
import { deleteReturning, returnsDeleted } from '../rows/delete-returning.ts'
import { forRows } from '../rows/for-rows.ts'
import { keyCondition } from '../rows/key-condition.ts'
import { hasWritten, namedRow } from '../rows/named-row.ts'
import type { QueryWrites, WriteOptions } from '../model/query-writes.ts'
import { canReturn, isCanonicalKey, widenReturning } from '../rows/returning.ts'
import type { RowPages, RowQuery } from '../rows/row-locker.ts'
import { touchedReferences } from '../rows/touched-references.ts'
import { truncatedAlong } from './truncated-along.ts'
import { updateReturning } from '../rows/update-returning.ts'
import { withWriteScope } from '../write-scope.ts'
import type { StreamedModel, WriteScope } from '../write-scope.ts'
import type { AnyModel, Row, Table, Where } from '../model/types.ts'

/**
 * Handles the UPDATE of `Model.update`, `Model.restore`, a paranoid `Model.destroy`, and associations that call them.
 */
export function bulkUpdate(
  streamed: StreamedModel,
  table: Table,
  values: Row,
  where: Where,
  options: WriteOptions,
  attributes: object,
): Promise<unknown> {
  const { model } = streamed
  const touched = touchedReferences(model, values)
  const movesKeys = primaryKeyColumns(model).some((column) => column in values)
  const isPlain = !movesKeys && touched.attributes.length === 0 && !canReturn(model)
  const named = isPlain ? namedRow(model, where) : undefined
  const changing = { ...streamed, changed: changedBy(model, values) }
  return withWriteScope(changing, options, async (scope) => {
    if (named !== undefined)
      return writeNamed(scope, named, () =>
        scope.writes.bulkUpdate(table, values, where, scope.options, attributes),
      )
    const known = [...new Set([...model.primaryKeyAttributes, ...touched.attributes])]
    if (!known.some((attribute) => columnOf(model, attribute) in values)) {
      const args: Parameters<QueryWrites['bulkUpdate']> = [table, values, where, scope.options, attributes]
      const returned = await updateReturning(scope, known, args)
      if (returned !== undefined) {
        await scope.emitter.rows(returned.rows, touched.lost)
        return returned.result
      }
    }
    const dialect = sequelizeOf(model).getDialect()
    const locked = await lockRows(scope, table, movesKeys ? 'move' : 'update', {
      where,
      attributes: known,
      // Sequelize ignores the limit of an update on other databases.
      limit: ['mysql', 'mariadb', 'sqlite'].includes(dialect) ? (options.limit ?? undefined) : undefined,
    })
    if (movesKeys) return moveKeys(scope, locked, touched.lost, { table, values, attributes })
    const result = await forRows(scope, table, locked, (condition) =>
      scope.writes.bulkUpdate(table, values, condition, scope.options, attributes),
    )
    for (const page of locked.pages) await scope.emitter.rows(page, touched.lost)
    return result
  })
}

interface Update {
  readonly table: Table
  readonly values: Row
  readonly attributes: object
}

/** Handles an UPDATE of the primary key. The old keys and the new ones are both changed records. */
async function moveKeys(
  scope: WriteScope,
  locked: LockedRows,
  lost: (row: Row) => References,
  { table, values, attributes }: Update,
): Promise<unknown> {
  const { model } = scope
  const isComputed = primaryKeyColumns(model).some((column) => isExpression(values[column]))
  if (isComputed && (scope.options.returning || !canReturn(model)))
    throw new KtError(
      'KT_STREAM_FAILED',
      `The computed primary keys of ${model.name} can't be streamed with "returning" or on this database. Use UpdateStreamer.bulk instead`,
      { retryable: false },
    )
  const returning = widenReturning(model, false)
  const options =
    isComputed && returning !== undefined ? { ...scope.options, returning, raw: true } : scope.options
  const result = await forRows(scope, table, locked, (condition) =>
    scope.writes.bulkUpdate(table, values, condition, options, attributes),
  )
  for (const page of locked.pages) {
    for (const row of page) scope.emitter.gone(row, lost(row))
    if (!isComputed) await scope.emitter.rows(await movedRows(scope, table, page, values), () => noReferences)
  }
  if (!isComputed) return result
  // Sequelize has already mapped the columns to attributes.
  const moved = result as readonly Row[]
  await scope.emitter.rows(moved, () => noReferences)
  return moved.length
}

/**
 * Reads rows, by attributes, after an UPDATE of their primary key, because the database may spell a value differently.
 */
async function movedRows(
  scope: WriteScope,
  table: Table,
  page: readonly Row[],
  values: Row,
): Promise<readonly Row[]> {
  const { model } = scope
  const fixed = Object.entries(toAttributes(model, values, model.primaryKeyAttributes)).map(
    ([attribute, value]) => [attribute, asColumn(model, columnOf(model, attribute), value)],
  )
  const moved = page.map((row) => ({ ...row, ...(Object.fromEntries(fixed) as Row) }))
  if (moved.every((row) => isCanonicalKey(model, row))) return moved
  const where = keyCondition(model, moved, (attribute) => columnOf(model, attribute))
  const query = { where, attributes: model.primaryKeyAttributes, lockFor: 'update' } as const
  return [...(await scope.rowsOf(table).lock(query))].flat()
}

/** Runs a statement that writes this row or none. */
async function writeNamed(scope: WriteScope, row: Row, statement: () => Promise<unknown>): Promise<unknown> {
  const result = await statement()
  if (hasWritten(result)) await scope.emitter.rows([row], () => noReferences)
  return result
}

/** Handles the DELETE of `Model.destroy`, and TRUNCATE. */
export function bulkDelete(
  streamed: StreamedModel,
  table: Table,
  where: Where | undefined,
  options: WriteOptions,
): Promise<unknown> {
  const { model, stream } = streamed
  const isTruncate = options.truncate === true
  const keys = foreignKeys(model)
  const isPlain = !isTruncate && !stream.isCustom && keys.length === 0 && !canReturn(model)
  const named = isPlain ? namedRow(model, where) : undefined
  const known = [...new Set([...model.primaryKeyAttributes, ...keys])]
  return withWriteScope(streamed, options, async (scope) => {
    if (named !== undefined)
      return writeNamed(scope, named, () => scope.writes.bulkDelete(table, where, scope.options, model))
    if (!isTruncate && !stream.isCustom && (await returnsDeleted(scope, table))) {
      const deleted = await deleteReturning(scope, { table, where, attributes: known })
      await scope.emitter.rows(deleted, (row) => referencesIn(row, keys))
      return deleted.length
    }
    if (isTruncate) return truncate(scope, table, where)
    const locked = await lockDeleted(scope, table, { where, limit: options.limit ?? undefined })
    const unlimited = { ...scope.options, limit: null }
    return forRows(scope, table, locked, (condition) =>
      scope.writes.bulkDelete(table, condition, unlimited, model),
    )
  })
}

/** Locks rows and records their changes before they are deleted, because a custom payload has to read them. */
async function lockDeleted(
  scope: WriteScope,
  table: Table,
  query: Pick<RowQuery, 'where' | 'limit'>,
): Promise<LockedRows> {
  const { model } = scope
  const keys = foreignKeys(model)
  const attributes = [...new Set([...model.primaryKeyAttributes, ...keys])]
  const locked = await lockRows(scope, table, 'delete', { ...query, attributes })
  for (const page of locked.pages) await scope.emitter.rows(page, (row) => referencesIn(row, keys))
  return locked
}

async function lockRows(
  scope: WriteScope,
  table: Table,
  effect: LockedRows['effect'],
  query: Omit<RowQuery, 'lockFor'>,
): Promise<LockedRows> {
  const rows = scope.rowsOf(table)
  const lockFor = effect === 'delete' ? 'delete' : 'update'
  const lockAgain = (): Promise<RowPages> => rows.lock({ ...query, lockFor })
  return { rows, pages: await lockAgain(), where: query.where, effect, lockAgain }
}

async function truncate(scope: WriteScope, table: Table, where: Where | undefined): Promise<unknown> {
  const { model, options } = scope
  const cascades = options.cascade === true && sequelizeOf(model).getDialect() === 'postgres'
  const others = cascades ? await truncatedAlong(scope, table) : []
  for (const each of [scope, ...others]) {
    const eachTable = each === scope ? table : (each.model.getTableName() as Table)
    await each.rowsOf(eachTable).lockTable()
    await lockDeleted(each, eachTable, { where: undefined })
  }
  await beforeTruncate(scope)
  return scope.writes.bulkDelete(table, where, options, model)
}

/** Acknowledges the messages before a TRUNCATE on MySQL and MariaDB, which implicitly commits the transaction. */
async function beforeTruncate({ model, context, options }: WriteScope): Promise<void> {
  const isCommit = ['mysql', 'mariadb'].includes(sequelizeOf(model).getDialect())
  if (isCommit) await context.changesOf(options.transaction).prepare()
}

/** The row with its primary key incremented or decremented. */
function shiftedKey(model: AnyModel, row: Row, amounts: Row, method: 'increment' | 'decrement'): Row {
  const sign = method === 'increment' ? 1n : -1n
  const shifted = model.primaryKeyAttributes.map((attribute) => {
    const value = row[attribute]
    const amount = amounts[columnOf(model, attribute)] ?? 0
    if (!isWhole(value) || !isWhole(amount))
      throw new KtError(
        'KT_STREAM_FAILED',
        `The computed primary keys of ${model.name} can't be streamed. Use UpdateStreamer.bulk instead`,
        { retryable: false },
      )
    const sum = BigInt(value) + sign * BigInt(amount)
    return [attribute, typeof value === 'number' ? Number(sum) : String(sum)]
  })
  return { ...row, ...(Object.fromEntries(shifted) as Row) }
}

function isWhole(value: unknown): value is number | string | bigint {
  return /^-?\d+$/.test(String(value))
}

/** Handles the UPDATE of `increment` and `decrement`, called on a record or on a model. */
export function arithmetic(
  streamed: StreamedModel,
  method: 'increment' | 'decrement',
  ...[model, table, where, amounts, extra, options]: Parameters<QueryWrites['increment']>
): Promise<unknown> {
  const touched = touchedReferences(model, amounts)
  const { instance } = options
  const movesKeys = primaryKeyColumns(model).some((column) => column in amounts)
  const isKnown = touched.attributes.length === 0 && !movesKeys
  const expect = (emitter: Emitter): void => {
    if (instance !== undefined && isKnown) emitter.expect([valuesOf(instance)])
  }
  const write = async (scope: WriteScope): Promise<unknown> => {
    if (instance !== undefined && isKnown) {
      // Use the row's own key, because the index has it. The record may spell it differently.
      const isSpelledAlike = canReturn(model) || isCanonicalKey(model, valuesOf(instance))
      const attributes = model.primaryKeyAttributes
      const locked = isSpelledAlike
        ? undefined
        : await lockRows(scope, table, 'update', { where, attributes })
      const result = await scope.writes[method](model, table, where, amounts, extra, scope.options)
      for (const page of locked?.pages ?? [[valuesOf(instance)]]) await scope.emitter.rows(page, touched.lost)
      return result
    }
    const locked = await lockRows(scope, table, movesKeys ? 'move' : 'update', {
      where,
      attributes: [...new Set([...model.primaryKeyAttributes, ...touched.attributes])],
    })
    const result = await forRows(scope, table, locked, (condition) =>
      scope.writes[method](model, table, condition, amounts, extra, scope.options),
    )
    for (const page of locked.pages) {
      if (movesKeys) {
        for (const row of page) scope.emitter.gone(row, touched.lost(row))
        await scope.emitter.rows(
          page.map((row) => shiftedKey(model, row, amounts, method)),
          touched.lost,
        )
      } else await scope.emitter.rows(page, touched.lost)
    }
    return result
  }
  const changing = { ...streamed, changed: changedBy(model, { ...amounts, ...extra }) }
  return withWriteScope(changing, options, write, expect)
}
