import type { Model } from 'sequelize'
import { primaryKeyColumns, toAttributes, valuesOf } from '../model/model-class.ts'
import { emitInserted, emitMoved, emitUnreturned, hasKeyOf } from './emit-inserted.ts'
import { generatedKeys } from '../rows/generated-keys.ts'
import type { WriteOptions } from '../model/query-writes.ts'
import { restoringOnFailure } from './restoring-on-failure.ts'
import {
  canReturn,
  isCanonicalKey,
  narrowRecord,
  narrowRows,
  payloadColumns,
  widenReturning,
} from '../rows/returning.ts'
import { conflictingRows } from '../rows/conflicting-rows.ts'
import { rowsBefore } from '../rows/rows-before.ts'
import { requireKnownConflicts } from '../rows/unique-indexes.ts'
import { withWriteScope } from '../write-scope.ts'
import type { StreamedModel, WriteScope } from '../write-scope.ts'
import type { AnyModel, Row, Table, Where } from '../model/types.ts'

/** Handles the INSERT of `bulkCreate`, and of the `add` of a many-to-many association. */
export function bulkInsert(
  streamed: StreamedModel,
  table: Table,
  records: readonly Row[],
  options: WriteOptions,
  attributes: object,
): Promise<unknown> {
  const { model, stream, writes } = streamed
  const mayConflict = options.ignoreDuplicates === true || options.updateOnDuplicate !== undefined
  return withWriteScope(streamed, options, async (scope) => {
    if (options.updateOnDuplicate !== undefined) await requireKnownConflicts(scope, table, records)
    const before = await rowsBefore(scope, table, records, options.updateOnDuplicate ?? [])
    if (!canReturn(model)) {
      const generated = await generatedKeys(scope, table, records)
      const result = await writes.bulkInsert(table, records, scope.options, attributes)
      const given = mayConflict
        ? await conflictingRows(scope, table, records)
        : records.filter(hasKeyOf(model))
      await emitInserted(scope, [...given, ...(await generated())], before)
      return result
    }
    const isKnown = !mayConflict && !stream.isCustom && haveCanonicalKeys(model, records)
    if (isKnown) scope.emitter.expect(byKeys(model, records))
    const columns = isKnown ? [] : [...payloadColumns(model, stream), ...before.columns]
    const returning = isKnown ? options.returning : widenReturning(model, options.returning, columns)
    const widened = { ...scope.options, ...(returning !== undefined && { returning }) }
    const result = (await writes.bulkInsert(table, records, widened, attributes)) as readonly Row[]
    if (isKnown && hasSameKeys(model, records, result)) {
      await scope.emitter.rows(byKeys(model, records), before.lost)
      return result
    }
    await emitInserted(scope, result, before)
    const isShort = result.length < records.length
    const failure = isShort ? await emitUnreturned(scope, table, records, before) : undefined
    if (failure !== undefined) throw failure
    return isKnown ? result : narrowRows(result, options.returning)
  })
}

/** Handles the INSERT … ON CONFLICT of `upsert`. */
export function upsert(
  streamed: StreamedModel,
  table: Table,
  inserted: Row,
  updated: Row,
  where: Where,
  options: WriteOptions & { readonly instance: Model },
): Promise<unknown> {
  const { model, writes } = streamed
  const { instance } = options
  const write = async (scope: WriteScope): Promise<unknown> => {
    await requireKnownConflicts(scope, table, [inserted])
    const before = await rowsBefore(scope, table, [inserted], Object.keys(updated))
    if (!canReturn(model)) {
      const generated = await generatedKeys(scope, table, [inserted])
      const result = await writes.upsert(table, inserted, updated, where, scope.options)
      const found = await conflictingRows(scope, table, [inserted])
      await emitInserted(scope, [...found, ...(await generated())], before)
      return result
    }
    const values = { ...valuesOf(instance) }
    const returning = widenReturning(model, options.returning)
    const widened = { ...scope.options, ...(returning !== undefined && { returning }) }
    const result = await writes.upsert(table, inserted, updated, where, widened)
    await scope.emitter.record(instance, before.lost(valuesOf(instance)))
    await emitMoved(scope, before, [valuesOf(instance)])
    narrowRecord(model, instance, values, options.returning)
    return result
  }
  return restoringOnFailure(instance, () => withWriteScope(streamed, options, write))
}

function byKeys(model: AnyModel, records: readonly Row[]): readonly Row[] {
  return records.map((record) => toAttributes(model, record, model.primaryKeyAttributes))
}

/** Whether the driver returned the given keys unchanged. A trigger may have changed them. */
function hasSameKeys(model: AnyModel, records: readonly Row[], result: unknown): boolean {
  const rows: readonly unknown[] = Array.isArray(result) ? result : []
  const columns = primaryKeyColumns(model)
  return records.every((record, index) => {
    const row = rows[index]
    if (typeof row !== 'object' || row === null) return true
    return columns.every(
      (column) => !(column in row) || String((row as Row)[column]) === String(record[column]),
    )
  })
}

/** Whether the database returns all keys unchanged. */
function haveCanonicalKeys(model: AnyModel, records: readonly Row[]): boolean {
  return byKeys(model, records).every((key) => isCanonicalKey(model, key))
}
