import type { References } from '@kt/core'
import { KtError } from '@kt/core'
import { columnOf, foreignKeys, primaryKeyColumns, sequelizeOf, toAttributes } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { referencesIn } from '../model/references.ts'
import { keyCondition } from './emitter.ts'
import { isExpression } from './expression.ts'
import { mergeResults } from './merge-results.ts'
import type { QueryWrites, Table, Where, WriteOptions } from './query-writes.ts'
import { canReturn, widenReturning } from './returning.ts'
import { touchedReferences } from './touched-references.ts'
import { withWriteScope } from './write-scope.ts'
import type { StreamedModel, WriteScope } from './write-scope.ts'

type Pages = Iterable<readonly Row[]>

/** The UPDATE of `Model.update`, `Model.restore`, a paranoid `Model.destroy`, and what associations do through them. */
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
  return withWriteScope(streamed, options, async (scope) => {
    const dialect = sequelizeOf(model).getDialect()
    const pages = await scope.rowsOf(table).lock({
      where,
      attributes: [...new Set([...model.primaryKeyAttributes, ...touched.attributes])],
      // Elsewhere Sequelize ignores the limit of an update.
      limit: ['mysql', 'mariadb'].includes(dialect) ? (options.limit ?? undefined) : undefined,
    })
    if (primaryKeyColumns(model).some((column) => column in values))
      return moveKeys(scope, pages, touched.lost, { table, values, attributes })
    const result = await eachPage(scope, pages, (condition) =>
      scope.writes.bulkUpdate(table, values, condition, scope.options, attributes),
    )
    for (const page of pages) await scope.emitter.rows(page, touched.lost)
    return result
  })
}

interface Update {
  readonly table: Table
  readonly values: Row
  readonly attributes: object
}

/** An UPDATE of the primary key: both the keys before and those after it are changed records. */
async function moveKeys(
  scope: WriteScope,
  pages: Pages,
  lost: (row: Row) => References,
  { table, values, attributes }: Update,
): Promise<unknown> {
  const { model } = scope
  const isComputed = primaryKeyColumns(model).some((column) => isExpression(values[column]))
  if (isComputed && (scope.options.returning || !canReturn(model)))
    throw new KtError(
      'KT_STREAM_FAILED',
      `The computed primary keys of ${model.name} can't be streamed with "returning", or on this database; use UpdateStreamer.bulk`,
      { retryable: false },
    )
  const returning = widenReturning(model, false)
  const options =
    isComputed && returning !== undefined ? { ...scope.options, returning, raw: true } : scope.options
  const result = await eachPage(scope, pages, (condition) =>
    scope.writes.bulkUpdate(table, values, condition, options, attributes),
  )
  const fixed = toAttributes(model, values, model.primaryKeyAttributes)
  for (const page of pages) {
    for (const row of page) await scope.emitter.gone(row, lost(row))
    if (!isComputed)
      await scope.emitter.rows(
        page.map((row) => ({ ...row, ...fixed })),
        lost,
      )
  }
  if (!isComputed) return result
  const moved = (result as readonly Row[]).map((row) => toAttributes(model, row, model.primaryKeyAttributes))
  await scope.emitter.rows(moved, () => ({}))
  return moved.length
}

/** The DELETE of `Model.destroy`, and TRUNCATE. */
export function bulkDelete(
  streamed: StreamedModel,
  table: Table,
  where: Where | undefined,
  options: WriteOptions,
): Promise<unknown> {
  const { model } = streamed
  return withWriteScope(streamed, options, async (scope) => {
    const isTruncate = options.truncate === true
    const keys = foreignKeys(model)
    const rows = scope.rowsOf(table)
    if (isTruncate) await rows.lockTable()
    const pages = await rows.lock({
      where: isTruncate ? undefined : where,
      attributes: [...new Set([...model.primaryKeyAttributes, ...keys])],
      limit: isTruncate ? undefined : (options.limit ?? undefined),
    })
    // Before they are gone: a custom payload reads them.
    for (const page of pages) await scope.emitter.rows(page, (row) => referencesIn(row, keys))
    if (isTruncate) return scope.writes.bulkDelete(table, where, scope.options, model)
    const unlimited = { ...scope.options, limit: null }
    return eachPage(scope, pages, (condition) => scope.writes.bulkDelete(table, condition, unlimited, model))
  })
}

/** The UPDATE of `increment` and `decrement`, of a record as of a model. */
export function arithmetic(
  streamed: StreamedModel,
  method: 'increment' | 'decrement',
  ...[model, table, where, amounts, extra, options]: Parameters<QueryWrites['increment']>
): Promise<unknown> {
  const touched = touchedReferences(model, { ...amounts })
  return withWriteScope(streamed, options, async (scope) => {
    const pages = await scope.rowsOf(table).lock({
      where,
      attributes: [...new Set([...model.primaryKeyAttributes, ...touched.attributes])],
    })
    const result = await eachPage(scope, pages, (condition) =>
      scope.writes[method](model, table, condition, amounts, extra, scope.options),
    )
    for (const page of pages) await scope.emitter.rows(page, touched.lost)
    return result
  })
}

/** Runs a statement for each page of rows; once for none, so that what is wrong with it comes to light all the same. */
async function eachPage(
  { model }: { readonly model: AnyModel },
  pages: Pages,
  statement: (where: Where) => Promise<unknown>,
): Promise<unknown> {
  const byColumn = (attribute: string): string => columnOf(model, attribute)
  let result: unknown
  let isFirst = true
  for (const page of pages) {
    const next = await statement(keyCondition(model, page, byColumn))
    result = isFirst ? next : mergeResults(result, next)
    isFirst = false
  }
  return isFirst ? statement(keyCondition(model, [], byColumn)) : result
}
