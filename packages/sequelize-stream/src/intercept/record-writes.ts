import type { References } from '@kt/core'
import { EmptyResultError } from 'sequelize'
import type { Model } from 'sequelize'
import {
  changedBy,
  foreignKeys,
  hasGeneratedKey,
  storedAttributes,
  toAttributes,
  valuesOf,
} from '../model/model-class.ts'
import { findRecordId, recordId } from '../model/record-key.ts'
import { noReferences, referencesIn } from '../model/references.ts'
import type { WriteOptions } from '../model/query-writes.ts'
import type { RowQuery } from '../rows/row-locker.ts'
import type { Emitter } from './emitter.ts'
import {
  deleteRecord,
  deleteReturning,
  destroyDependents,
  hasDependents,
  returnsDeleted,
} from '../rows/delete-returning.ts'
import { emitUnreturned, hasKeyOf } from './emit-inserted.ts'
import { generatedKeys } from '../rows/generated-keys.ts'
import { nothingBefore } from '../rows/rows-before.ts'
import { asksForAll, canReturn, isCanonicalKey, narrowRecord, widenReturning } from '../rows/returning.ts'
import { isRewritten } from '../rows/rewrite-rules.ts'
import { touchedReferences } from '../rows/touched-references.ts'
import { restoringOnFailure } from './restoring-on-failure.ts'
import { withWriteScope } from '../write-scope.ts'
import type { StreamedModel, WriteScope } from '../write-scope.ts'
import type { AnyModel, Row, Table, Where } from '../model/types.ts'

/** Handles the INSERT of `create`, `save` and `findOrCreate`. */
export function insert(
  streamed: StreamedModel,
  record: Model,
  table: Table,
  values: Row,
  options: WriteOptions,
): Promise<unknown> {
  const { model } = streamed
  const write = async (scope: WriteScope): Promise<unknown> => {
    // A trigger may change the key. The record then learns the new key from the returned row.
    const isKnown = isCanonicalKey(model, valuesOf(record)) && asksForAll(options.returning)
    if (canReturn(model) && !isKnown)
      return returningKey(scope, record, noReferences, (widened) =>
        scope.writes.insert(record, table, values, widened),
      )
    const generated = await keysToGenerate(scope, table, values)
    const result = await scope.writes.insert(record, table, values, scope.options)
    const rows = await generated?.()
    if (rows === undefined) await emitWritten(scope, record, noReferences)
    else await scope.emitter.rows(rows, () => noReferences)
    return result
  }
  const writeOrPass = async (scope: WriteScope): Promise<Inserted> => {
    try {
      return { result: await write(scope) }
    } catch (error) {
      if (!(error instanceof EmptyResultError)) throw error
      const failure = await emitUnreturned(scope, table, [values], nothingBefore)
      if (failure !== undefined) throw failure
      return { error }
    }
  }
  const expect = (emitter: Emitter): void => emitter.expect([valuesOf(record)])
  return restoringOnFailure(record, async () => {
    const inserted = await withWriteScope(streamed, options, writeOrPass, expect)
    if ('error' in inserted) throw inserted.error
    return inserted.result
  })
}

/**
 * Returns a function that reads the rows, by attributes, whose keys the database generates for the next INSERT. It is
 * needed when the model doesn't declare that its keys are generated, so that Sequelize does not learn them.
 */
async function keysToGenerate(
  scope: WriteScope,
  table: Table,
  values: Row,
): Promise<(() => Promise<readonly Row[]>) | undefined> {
  const { model } = scope
  if (canReturn(model) || hasGeneratedKey(model) || hasKeyOf(model)(values)) return undefined
  const generated = await generatedKeys(scope, table, [values])
  return async () => (await generated()).map((row) => toAttributes(model, row, model.primaryKeyAttributes))
}

/**
 * The outcome of an INSERT. Sequelize throws for a row that is not returned, although a trigger may have stored it
 * elsewhere.
 */
type Inserted = { readonly result: unknown } | { readonly error: EmptyResultError }

/** Runs a statement that also returns the primary key. The caller sees the key only if asked for. */
async function returningKey(
  scope: WriteScope,
  record: Model,
  lost: References,
  statement: (widened: WriteOptions) => Promise<unknown>,
): Promise<unknown> {
  const { model, options } = scope
  const before = { ...valuesOf(record) }
  const returning = widenReturning(model, options.returning)
  const result = await statement({ ...options, ...(returning !== undefined && { returning }) })
  await emitWritten(scope, record, lost)
  narrowRecord(model, record, before, options.returning)
  return result
}

async function emitWritten(
  { model, emitter, options }: WriteScope,
  record: Model,
  lost: References,
): Promise<void> {
  const values = valuesOf(record)
  // With `ignoreDuplicates`, another write may own the row, and the record has no key.
  const hasNoKey = model.primaryKeyAttributes.some(
    (each) => values[each] === undefined || values[each] === null,
  )
  if (options.ignoreDuplicates !== true || !hasNoKey) await emitter.record(record, lost)
}

/** Handles the UPDATE of `save`, `update`, and of a paranoid record's `destroy` and `restore`. */
export function update(
  streamed: StreamedModel,
  record: Model,
  table: Table,
  values: Row,
  where: Where,
  options: WriteOptions,
): Promise<unknown> {
  const touched = touchedReferences(streamed.model, values)
  const keepsReferences = touched.attributes.length === 0
  const expect = (emitter: Emitter): void => {
    if (keepsReferences) emitter.expect([valuesOf(record)])
  }
  const write = async (scope: WriteScope): Promise<unknown> => {
    const { model } = scope
    const isKnown = isCanonicalKey(model, valuesOf(record))
    const returnsKey = !isKnown && canReturn(model) && !(await isRewritten(scope, table, 'UPDATE'))
    // The foreign keys in the record may be older than those in the row.
    const attributes = [...new Set([...model.primaryKeyAttributes, ...touched.attributes])]
    const isEnough = keepsReferences && (isKnown || returnsKey)
    const row = isEnough ? undefined : await lockOne(scope, table, { where, attributes, lockFor: 'update' })
    const lost = touched.lost(row ?? {})
    if (!keepsReferences) scope.emitter.expect([valuesOf(record)], lost)
    const other = spelledOtherwise(record, row)
    if (returnsKey)
      return returningKey(scope, record, lost, (widened) =>
        scope.writes.update(record, table, values, where, widened),
      )
    const result = await scope.writes.update(record, table, values, where, scope.options)
    if (other === undefined) await scope.emitter.record(record, lost)
    else await scope.emitter.rows([other], () => lost)
    return result
  }
  const changing = { ...streamed, changed: changedBy(streamed.model, values) }
  return restoringOnFailure(record, () => withWriteScope(changing, options, write, expect))
}

/** Handles the DELETE of `destroy`. */
export async function destroy(
  streamed: StreamedModel,
  record: Model,
  table: Table,
  where: Where,
  options: WriteOptions,
): Promise<unknown> {
  const { model, stream } = streamed
  const keys = foreignKeys(model)
  const expect = (emitter: Emitter): void => {
    const values = valuesOf(record)
    // Most records have their foreign keys loaded. If these are outdated, the current ones are sent again.
    if (keys.every((key) => key in values)) emitter.expect([values], referencesIn(values, keys))
  }
  const write = async (scope: WriteScope): Promise<unknown> => {
    // A custom payload can't load missing attributes once the row is deleted.
    const isPartial = stream.isCustom && !storedAttributes(model).every((each) => each in valuesOf(record))
    if (isPartial || !(await returnsDeleted(scope, table))) return deleteLocked(scope, record, table, where)
    const attributes = [...new Set([...model.primaryKeyAttributes, ...keys])]
    const [row] = await deleteReturning(scope, { table, where, attributes, instance: record })
    const references = referencesIn(row ?? {}, keys)
    await emitDeleted(scope, record, row, references)
    // Sequelize returns an empty array for a DELETE.
    return []
  }
  if (hasDependents(model)) await destroyDependents(record, options)
  return withWriteScope(streamed, options, write, expect)
}

/** Reads and locks a record, records its change, and then deletes it. */
async function deleteLocked(scope: WriteScope, record: Model, table: Table, where: Where): Promise<unknown> {
  const { model } = scope
  const keys = foreignKeys(model)
  const attributes = [...new Set([...model.primaryKeyAttributes, ...keys])]
  const row = await lockOne(scope, table, { where, attributes, lockFor: 'delete' })
  const references = referencesIn(row ?? {}, keys)
  await emitDeleted(scope, record, row, references)
  return deleteRecord(scope, { table, where, instance: record })
}

async function emitDeleted(
  { stream, emitter }: WriteScope,
  record: Model,
  row: Row | undefined,
  references: References,
): Promise<void> {
  const other = spelledOtherwise(record, row)
  if (other === undefined || stream.isCustom) await emitter.record(record, references)
  else emitter.gone(other, references)
}

/** Returns the row if its key is spelled differently from the record's. The index has the row's spelling. */
function spelledOtherwise(record: Model, row: Row | undefined): Row | undefined {
  const model = record.constructor as AnyModel
  if (row === undefined) return undefined
  return String(recordId(model, row)) === String(findRecordId(model, valuesOf(record))) ? undefined : row
}

async function lockOne(scope: WriteScope, table: Table, query: RowQuery): Promise<Row | undefined> {
  for (const [row] of await scope.rowsOf(table).lock(query)) return row
  return undefined
}
