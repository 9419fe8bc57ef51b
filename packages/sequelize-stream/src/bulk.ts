import { KtError } from '@kt/core'
import type { Model, ModelStatic, Transaction, WhereOptions } from 'sequelize'
import { streamOf, toArray } from './changes/record-log.ts'
import { foreignKeys, sequelizeOf, valuesOf } from './model/model-class.ts'
import { destinationOf } from './model/model-stream.ts'
import { referencesIn } from './model/references.ts'
import type { StreamContext } from './stream-context.ts'
import { givenTransaction, inOwnTransaction, notRetriedAlone } from './commit/own-transaction.ts'
import { columnCondition } from './rows/condition.ts'
import { Emitter } from './intercept/emitter.ts'
import { addedStatementOptions } from './model/query-writes.ts'
import type { WriteOptions } from './model/query-writes.ts'
import { RowLocker } from './rows/row-locker.ts'
import type { AnyModel } from './model/types.ts'

/** The rows of a streamed model that match a condition when the call begins. The model's scope does not apply. */
export interface BulkTarget<M extends Model = Model> {
  readonly model: ModelStatic<M>
  readonly where: WhereOptions
}

export interface BulkOptions {
  /**
   * The transaction to run in. `null` starts a new one even if CLS has one.
   *
   * @defaultValue the transaction of CLS, or else a new one
   */
  readonly transaction?: Transaction | null
}

type Target = Model | readonly Model[] | BulkTarget

/** Implements `UpdateStreamer.bulk`. */
export async function runBulk<T>(
  context: StreamContext,
  target: Target,
  run: (transaction: Transaction) => Promise<T>,
  options: BulkOptions,
): Promise<T> {
  const models = isTarget(target) ? [target.model] : toArray(target).map(modelOf)
  const [first] = models
  if (first === undefined)
    throw invalid(
      'the list of records is empty, so the database is unknown. Pass at least one record, or a model and a condition',
    )
  const sequelize = sequelizeOf(first)
  if (models.some((model) => model.sequelize !== sequelize))
    throw invalid('the records belong to different databases. Call bulk once for each database')
  const inTransaction = async (transaction: Transaction, statement: WriteOptions): Promise<T> => {
    await emitTarget(context, target, transaction, { ...statement, transaction })
    await context.changesOf(transaction).prepare()
    return run(transaction)
  }
  const given = givenTransaction(sequelize, options.transaction)
  const begun = context.commit.fallback?.tryBegin()
  if (given) return inTransaction(given, {})
  if (begun !== undefined) await begun
  const once = { retry: notRetriedAlone }
  return inOwnTransaction(
    sequelize,
    context.commit.guard,
    once,
    (transaction) => () => inTransaction(transaction, once),
  )
}

/** @param statement the options of statements that read rows */
async function emitTarget(
  context: StreamContext,
  target: Target,
  transaction: Transaction,
  statement: WriteOptions,
): Promise<void> {
  const emitterFor = (model: AnyModel): Emitter => {
    const stream = streamOf(model)
    return new Emitter({
      model,
      stream,
      destination: destinationOf(model, stream),
      changes: context.changesOf(transaction),
      transaction,
      options: statement,
      isAlone: false,
    })
  }
  if (!isTarget(target)) {
    for (const record of toArray(target)) {
      const model = modelOf(record)
      const references = referencesIn(valuesOf(record), foreignKeys(model))
      await emitterFor(model).record(record, references)
    }
    return
  }
  const { model } = target
  const keys = foreignKeys(model)
  const rows = new RowLocker(model, model.getTableName(), addedStatementOptions(statement))
  const emitter = emitterFor(model)
  const pages = await rows.lock({
    where: columnCondition(model, target.where),
    attributes: [...new Set([...model.primaryKeyAttributes, ...keys])],
    lockFor: 'update',
  })
  for (const page of pages) await emitter.rows(page, (row) => referencesIn(row, keys))
}

function modelOf(record: Model): AnyModel {
  return record.constructor as AnyModel
}

function isTarget(target: Target): target is BulkTarget {
  return 'where' in target && 'model' in target && typeof target.model === 'function'
}

function invalid(what: string): KtError {
  return new KtError('KT_OPTION_INVALID', `UpdateStreamer.bulk: ${what}`, { retryable: false })
}
