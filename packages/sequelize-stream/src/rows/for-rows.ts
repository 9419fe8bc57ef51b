import { literal, Op } from 'sequelize'
import { columnOf, primaryKeyColumns, sequelizeOf } from '../model/model-class.ts'
import { recordId } from '../model/record-key.ts'
import { checkMet } from './check-met.ts'
import type { LockedRows } from './check-met.ts'
import { exactText } from './exact-keys.ts'
import { lockedCondition } from './key-condition.ts'
import { mergeResults } from './merge-results.ts'
import { generatorOf } from '../model/query-generator.ts'
import type { WriteScope } from '../write-scope.ts'
import type { RowPages } from './row-locker.ts'
import { rowValuesCondition } from './row-values.ts'
import type { AnyModel, Row, Table, Where } from '../model/types.ts'

/**
 * Runs a statement on exactly these rows. PostgreSQL gets one statement, because constraints may need that, as when a
 * table refers to itself. Other databases get one per page. Without rows it still runs, on none, so that errors in the
 * statement surface.
 *
 * @throws KtError `KT_STREAM_FAILED` when it has reached other rows, or a key can't be an id
 */
export async function forRows(
  { model, emitter }: Pick<WriteScope, 'model' | 'emitter'>,
  table: Table,
  locked: LockedRows,
  statement: (where: Where) => Promise<unknown>,
): Promise<unknown> {
  const { pages } = locked
  if (pages.pageCount === 0) return statement(lockedCondition(model, []))
  // A key that can't be an id may not be comparable either.
  for (const page of pages) for (const row of page) recordId(model, row)
  const run = async (keys: Where, expected: Iterable<readonly Row[]>): Promise<unknown> => {
    const isPlain = pages.isLocked || locked.where === undefined
    const result = await statement(isPlain ? keys : { [Op.and]: [locked.where, keys] })
    try {
      await checkMet(model, locked, { where: keys, result, expected })
    } catch (error) {
      throw emitter.fail(error)
    }
    return result
  }
  if (pages.pageCount > 1 && sequelizeOf(model).getDialect() === 'postgres')
    return run(manyKeysCondition(model, table, pages), pages)
  let result: unknown
  let isFirst = true
  for (const page of pages) {
    const next = await run(rowValuesCondition(model, page) ?? lockedCondition(model, page), [page])
    result = isFirst ? next : mergeResults(result, next)
    isFirst = false
  }
  return result
}

/** Passes the keys as one JSON text, which PostgreSQL casts to the table's types, instead of as thousands of terms. */
function manyKeysCondition(model: AnyModel, table: Table, pages: RowPages): Where {
  const sequelize = sequelizeOf(model)
  const generator = generatorOf(model)
  const columns = primaryKeyColumns(model).map((column) => generator.quoteIdentifier(column))
  const json = [...pagesAsJson(model, pages)].join(',')
  const rows = `json_populate_recordset(NULL::${generator.quoteTable(table)}, ${sequelize.escape(`[${json}]`)})`
  const list = columns.join(', ')
  const keys = `SELECT ${list} FROM ${rows}`
  // The planner estimates a hundred keys, however many there are, so a join may compare each key with each row. An
  // array is looked up in the index.
  const condition = columns.length === 1 ? `${list} = ANY (ARRAY(${keys}))` : `(${list}) IN (${keys})`
  return { [Op.and]: [literal(condition)] }
}

function* pagesAsJson(model: AnyModel, pages: RowPages): Generator<string> {
  const toKey = (row: Row): Row =>
    Object.fromEntries(
      model.primaryKeyAttributes.map((each) => [
        columnOf(model, each),
        exactText(model, row, each) ?? row[each],
      ]),
    )
  // Sequelize would take a dollar sign for a parameter, even within a text.
  for (const page of pages)
    yield JSON.stringify(page.map(toKey))
      .slice(1, -1)
      .replaceAll('$', String.raw`\u0024`)
}
