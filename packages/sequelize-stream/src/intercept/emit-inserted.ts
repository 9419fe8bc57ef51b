import { KtError } from '@kt/core'
import { foreignKeys, primaryKeyColumns, toAttributes } from '../model/model-class.ts'
import { findRecordId, recordId } from '../model/record-key.ts'
import { referencesIn } from '../model/references.ts'
import { isGiven } from '../rows/generated-keys.ts'
import { mayRedirect } from '../rows/rewrite-rules.ts'
import { conflictingRows } from '../rows/conflicting-rows.ts'
import { nothingBefore } from '../rows/rows-before.ts'
import type { RowsBefore } from '../rows/rows-before.ts'
import type { WriteScope } from '../write-scope.ts'
import type { AnyModel, Row, Table } from '../model/types.ts'

/**
 * Records the changes of rows that were inserted, or updated instead.
 *
 * @param rows by columns
 */
export async function emitInserted(
  scope: WriteScope,
  rows: readonly Row[],
  before: RowsBefore,
): Promise<void> {
  const { model, stream, emitter } = scope
  const isKeyEnough = !stream.isCustom && before === nothingBefore
  const attributes = isKeyEnough ? model.primaryKeyAttributes : Object.keys(model.rawAttributes)
  const byAttributes = rows.map((row) => toAttributes(model, row, attributes))
  await emitter.rows(byAttributes, before.lost)
  await emitMoved(scope, before, byAttributes)
}

/**
 * Records the changes of rows whose primary key an INSERT … ON CONFLICT has changed.
 *
 * @param after by attributes
 */
export async function emitMoved(
  { model, emitter }: WriteScope,
  before: RowsBefore,
  after: readonly Row[],
): Promise<void> {
  if (before.rows.length === 0) return
  const ids = new Set(after.map((row) => findRecordId(model, row)))
  for (const row of before.rows)
    if (!ids.has(recordId(model, row))) emitter.gone(row, referencesIn(row, foreignKeys(model)))
}

/**
 * Records the changes of records that PostgreSQL has not returned, either because duplicates were skipped or because a
 * trigger has redirected them. Including a skipped duplicate does no harm.
 *
 * @param records all records of the INSERT, by columns
 * @returns why the transaction can't be committed: a trigger may have stored a record under an unknown key
 */
export async function emitUnreturned(
  scope: WriteScope,
  table: Table,
  records: readonly Row[],
  before: RowsBefore,
): Promise<KtError | undefined> {
  const { model, options, emitter } = scope
  const mayConflict = options.ignoreDuplicates === true || options.updateOnDuplicate !== undefined
  if (mayConflict && !(await mayRedirect(scope, table))) return undefined
  const hasKey = hasKeyOf(model)
  const given = records.filter(hasKey)
  const found = await conflictingRows(scope, table, records)
  for (const record of records) {
    const isKnown = hasKey(record) || (await conflictingRows(scope, table, [record])).length > 0
    if (!isKnown) return emitter.fail(unknownKey(model))
  }
  await emitInserted(scope, [...given, ...found], before)
  return undefined
}

/** Whether a record, by columns, has its whole primary key before the INSERT. */
export function hasKeyOf(model: AnyModel): (record: Row) => boolean {
  const columns = primaryKeyColumns(model)
  return (record) => columns.every((column) => isGiven(record[column]))
}

function unknownKey(model: AnyModel): KtError<'KT_STREAM_FAILED'> {
  return new KtError(
    'KT_STREAM_FAILED',
    `A trigger keeps the database from returning the generated primary key of a ${model.name}; give the keys, or use UpdateStreamer.bulk`,
    { retryable: false },
  )
}
