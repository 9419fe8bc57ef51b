import type { References } from '@kt/core'
import type { Model } from 'sequelize'
import { columnOf, primaryKeyColumns, toAttributes, valuesOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { hasRecordId, recordId } from '../model/record-key.ts'
import { noReferences } from '../model/references.ts'
import { conflictCondition } from './conflicting-rows.ts'
import type { Table, Where, WriteOptions } from './query-writes.ts'
import {
  canReturn,
  isCanonical,
  narrowRecord,
  narrowRows,
  payloadColumns,
  widenReturning,
} from './returning.ts'
import { touchedReferences } from './touched-references.ts'
import { restoringOnFailure } from './restoring-on-failure.ts'
import { withWriteScope } from './write-scope.ts'
import type { StreamedModel, WriteScope } from './write-scope.ts'

/** How many records' conflicts are looked up at a time. */
const lookupsAtOnce = 1_000

/** The INSERT of `bulkCreate`, and of a many-to-many association's `add`. */
export function bulkInsert(
  streamed: StreamedModel,
  table: Table,
  records: readonly Row[],
  options: WriteOptions,
  attributes: object,
): Promise<unknown> {
  const { model, stream, writes } = streamed
  return withWriteScope(streamed, options, async (scope) => {
    const lost = await referencesLost(scope, table, records, options.updateOnDuplicate ?? [])
    const mayConflict = options.ignoreDuplicates === true || options.updateOnDuplicate !== undefined
    const isKnown = !mayConflict && !stream.isCustom && haveCanonicalKeys(model, records)
    if (canReturn(model) && !isKnown) {
      const columns = [...payloadColumns(model, stream), ...lost.columns]
      const returning = widenReturning(model, options.returning, columns)
      const widened = { ...scope.options, ...(returning !== undefined && { returning }) }
      const rows = (await writes.bulkInsert(table, records, widened, attributes)) as readonly Row[]
      await emitInserted(scope, rows, lost.of)
      return narrowRows(rows, options.returning)
    }
    const known = isKnown ? byKeys(model, records) : undefined
    if (known !== undefined) scope.emitter.expect(known)
    const result = await writes.bulkInsert(table, records, scope.options, attributes)
    if (known !== undefined && hasSameKeys(model, records, result)) {
      await emitIdentified(scope, known, lost.of)
      return result
    }
    const rows = mayConflict ? await conflictingRows(scope, table, records) : withNewKeys(records, result)
    await emitInserted(scope, rows, lost.of)
    return result
  })
}

/** The INSERT … ON CONFLICT of `upsert`. */
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
    const lost = await referencesLost(scope, table, [inserted], Object.keys(updated))
    if (!canReturn(model)) {
      const result = await writes.upsert(table, inserted, updated, where, scope.options)
      await emitInserted(scope, await conflictingRows(scope, table, [inserted]), lost.of)
      return result
    }
    const before = { ...valuesOf(instance) }
    const returning = widenReturning(model, options.returning)
    const widened = { ...scope.options, ...(returning !== undefined && { returning }) }
    const result = await writes.upsert(table, inserted, updated, where, widened)
    await scope.emitter.record(instance, lost.of(valuesOf(instance)))
    narrowRecord(model, instance, before, options.returning)
    return result
  }
  return restoringOnFailure(instance, () => withWriteScope(streamed, options, write))
}

interface LostReferences {
  /** The columns that a written row must have for `of`. */
  readonly columns: readonly string[]
  /** What the row that is now `row` (by attributes) has lost. */
  readonly of: (row: Row) => References
}

const nothingLost: LostReferences = { columns: [], of: () => noReferences }

/** Reads, and locks, the foreign keys of the rows that an INSERT may turn into an UPDATE of `updated` columns. */
async function referencesLost(
  scope: WriteScope,
  table: Table,
  records: readonly Row[],
  updated: readonly string[],
): Promise<LostReferences> {
  const { model } = scope
  const { attributes } = touchedReferences(
    model,
    Object.fromEntries(updated.map((column) => [column, undefined])),
  )
  if (attributes.length === 0) return nothingLost
  const before = new Map<string | number, Row>()
  for (const row of await conflictingRows(scope, table, records, attributes))
    before.set(recordId(model, toAttributes(model, row, model.primaryKeyAttributes)), row)
  if (before.size === 0) return nothingLost
  return {
    columns: attributes.map((attribute) => columnOf(model, attribute)),
    of: (row) => {
      const old = before.get(recordId(model, row))
      if (old === undefined) return noReferences
      const after = Object.fromEntries(attributes.map((each) => [columnOf(model, each), row[each]]))
      return touchedReferences(model, after).lost(toAttributes(model, old, attributes))
    },
  }
}

/** The rows, by columns, that share a unique key with one of the records: the key and `attributes` of each. */
async function conflictingRows(
  scope: WriteScope,
  table: Table,
  records: readonly Row[],
  attributes: readonly string[] = [],
): Promise<readonly Row[]> {
  const { model } = scope
  const wanted = [...new Set([...model.primaryKeyAttributes, ...attributes])]
  const found: Row[] = []
  for (let start = 0; start < records.length; start += lookupsAtOnce) {
    const where = conflictCondition(model, records.slice(start, start + lookupsAtOnce))
    if (where === undefined) continue
    for (const page of await scope.rowsOf(table).lock({ where, attributes: wanted, lockFor: 'update' }))
      found.push(...page.map((row) => toColumns(model, row)))
  }
  return found
}

/** @param rows by columns */
async function emitInserted(
  scope: WriteScope,
  rows: readonly Row[],
  referencesOf: (row: Row) => References,
): Promise<void> {
  const { model, stream } = scope
  const isKeyEnough = !stream.isCustom && referencesOf === nothingLost.of
  const attributes = isKeyEnough ? model.primaryKeyAttributes : Object.keys(model.rawAttributes)
  const byAttributes = rows.map((row) => toAttributes(model, row, attributes))
  await emitIdentified(scope, byAttributes, referencesOf)
}

/** @param rows by attributes */
async function emitIdentified(
  { model, emitter }: WriteScope,
  rows: readonly Row[],
  referencesOf: (row: Row) => References,
): Promise<void> {
  await emitter.rows(
    rows.filter((row) => hasRecordId(model, row)),
    referencesOf,
  )
}

function byKeys(model: AnyModel, records: readonly Row[]): readonly Row[] {
  return records.map((record) => toAttributes(model, record, model.primaryKeyAttributes))
}

/** Whether the keys are as they were given, as far as the driver tells: a trigger may have changed them. */
function hasSameKeys(model: AnyModel, records: readonly Row[], result: unknown): boolean {
  const rows: readonly unknown[] = Array.isArray(result) ? result : []
  const columns = primaryKeyColumns(model)
  return records.every((record, index) => {
    const row = rows[index]
    if (typeof row !== 'object' || row === null) return true
    return columns.every((column) => !(column in row) || (row as Row)[column] === record[column])
  })
}

/** The records with the keys that the database gave them, where the driver tells. */
function withNewKeys(records: readonly Row[], result: unknown): readonly Row[] {
  const rows = Array.isArray(result) ? (result as readonly Row[]) : []
  return records.map((record, index) => ({ ...record, ...rows[index] }))
}

/** Whether the database gives all keys back as they are: see `isCanonical`. */
function haveCanonicalKeys(model: AnyModel, records: readonly Row[]): boolean {
  const columns = primaryKeyColumns(model)
  return records.every((record) => columns.every((column) => isCanonical(record[column])))
}

function toColumns(model: AnyModel, row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([attribute, value]) => [columnOf(model, attribute), value]),
  )
}
