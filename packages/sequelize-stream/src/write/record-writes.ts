import type { Model } from 'sequelize'
import { foreignKeys, storedAttributes, valuesOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import { hasRecordId } from '../model/record-key.ts'
import { noReferences, referencesIn } from '../model/references.ts'
import type { Table, Where, WriteOptions } from './query-writes.ts'
import type { RowQuery } from './row-locker.ts'
import type { Emitter } from './emitter.ts'
import { canDeleteReturning, deleteReturning } from './delete-returning.ts'
import { canReturn, isCanonical, narrowRecord, widenReturning } from './returning.ts'
import { touchedReferences } from './touched-references.ts'
import { restoringOnFailure } from './restoring-on-failure.ts'
import { withWriteScope } from './write-scope.ts'
import type { StreamedModel, WriteScope } from './write-scope.ts'

/** The INSERT of `create`, `save`, `findOrCreate`. */
export function insert(
  streamed: StreamedModel,
  record: Model,
  table: Table,
  values: Row,
  options: WriteOptions,
): Promise<unknown> {
  const { model } = streamed
  const write = async (scope: WriteScope): Promise<unknown> => {
    const isKnown = !canReturn(model) || hasCanonicalKey(record, model)
    if (!isKnown) return insertReturning(scope, record, table, values)
    const result = await scope.writes.insert(record, table, values, scope.options)
    await emitInserted(scope, record)
    return result
  }
  const expect = (emitter: Emitter): void => emitter.expect([valuesOf(record)])
  return restoringOnFailure(record, () => withWriteScope(streamed, options, write, expect))
}

async function insertReturning(
  scope: WriteScope,
  record: Model,
  table: Table,
  values: Row,
): Promise<unknown> {
  const { model, options } = scope
  const before = { ...valuesOf(record) }
  const returning = widenReturning(model, options.returning)
  const widened = { ...options, ...(returning !== undefined && { returning }) }
  const result = await scope.writes.insert(record, table, values, widened)
  await emitInserted(scope, record)
  narrowRecord(model, record, before, options.returning)
  return result
}

async function emitInserted({ model, emitter, options }: WriteScope, record: Model): Promise<void> {
  // With `ignoreDuplicates` the row may be another's, and the record without a key.
  const isOthers = options.ignoreDuplicates === true && !hasRecordId(model, valuesOf(record))
  if (!isOthers) await emitter.record(record)
}

/** The UPDATE of `save`, `update`, and of a paranoid record's `destroy` and `restore`. */
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
    let lost = noReferences
    if (!keepsReferences) {
      // What the record remembers of its foreign keys may be older than what the row has.
      lost = touched.lost(
        await lockOne(scope, table, { where, attributes: touched.attributes, lockFor: 'update' }),
      )
      scope.emitter.expect([valuesOf(record)], lost)
    }
    const result = await scope.writes.update(record, table, values, where, scope.options)
    await scope.emitter.record(record, lost)
    return result
  }
  return restoringOnFailure(record, () => withWriteScope(streamed, options, write, expect))
}

/** The DELETE of `destroy`. */
export function destroy(
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
    // Most records know their foreign keys. If these are outdated, the right ones are sent again.
    if (keys.every((key) => key in values)) emitter.expect([values], referencesIn(values, keys))
  }
  const write = async (scope: WriteScope): Promise<unknown> => {
    // Once it is gone a custom payload could not read what the record in hand lacks.
    const isPartial = stream.isCustom && !storedAttributes(model).every((each) => each in valuesOf(record))
    if (keys.length > 0 && !isPartial && (await canDeleteReturning(scope, table))) {
      const row = await deleteReturning(scope, record, table, where, keys)
      await scope.emitter.record(record, referencesIn(row, keys))
      // What Sequelize returns for a DELETE.
      return []
    }
    const references =
      keys.length === 0
        ? noReferences
        : referencesIn(await lockOne(scope, table, { where, attributes: keys, lockFor: 'delete' }), keys)
    if (isPartial) await scope.emitter.record(record, references)
    const result = await scope.writes.delete(record, table, where, scope.options)
    if (!isPartial) await scope.emitter.record(record, references)
    return result
  }
  return withWriteScope(streamed, options, write, expect)
}

async function lockOne(scope: WriteScope, table: Table, query: RowQuery): Promise<Row> {
  for (const [row = {}] of await scope.rowsOf(table).lock(query)) return row
  return {}
}

function hasCanonicalKey(record: Model, model: AnyModel): boolean {
  const values = valuesOf(record)
  return model.primaryKeyAttributes.every((each) => isCanonical(values[each]))
}
