import type { Transaction, TransactionOptions } from 'sequelize'
import { sequelizeOf } from '../model/model-class.ts'
import type { AnyModel } from '../model/model-class.ts'
import type { ModelStream } from '../model/model-stream.ts'
import type { StreamContext } from '../stream-context.ts'
import { givenTransaction, inOwnTransaction } from '../transaction/own-transaction.ts'
import { Emitter } from './emitter.ts'
import type { QueryWrites, Table, WriteOptions } from './query-writes.ts'
import { RowLocker } from './row-locker.ts'

/** A model whose writes are streamed. `model` may be a scoped variant of it, or one in another schema. */
export interface StreamedModel {
  readonly model: AnyModel
  readonly stream: ModelStream
  readonly context: StreamContext
  /** Sequelize's own query interface. */
  readonly writes: QueryWrites
}

/** One write of a streamed model, with the transaction that it runs in. */
export interface WriteScope extends StreamedModel {
  readonly emitter: Emitter
  /** The caller's options, with the transaction. */
  readonly options: WriteOptions & { readonly transaction: Transaction }
  rowsOf(table: Table): RowLocker
}

/** Runs a write in the transaction that it was given, that CLS has, or else in one of ours. */
export async function withWriteScope<T>(
  streamed: StreamedModel,
  options: WriteOptions,
  write: (scope: WriteScope) => Promise<T>,
): Promise<T> {
  const { model, context } = streamed
  context.assertOpen()
  const sequelize = sequelizeOf(model)
  const run = (transaction: Transaction): Promise<T> => write(writeScope(streamed, options, transaction))
  const given = givenTransaction(sequelize, options.transaction)
  const begun = context.fallback?.tryBegin()
  if (given) return run(given)
  // It needs a connection: before ours takes perhaps the last one.
  await begun
  return inOwnTransaction(sequelize, context.idleTimeout, options.logging, run)
}

function writeScope(streamed: StreamedModel, options: WriteOptions, transaction: Transaction): WriteScope {
  const { model, stream, context } = streamed
  const logging: TransactionOptions['logging'] = options.logging
  return {
    ...streamed,
    emitter: new Emitter({ model, stream, changes: context.changesOf(transaction), transaction, logging }),
    options: { ...options, transaction },
    rowsOf: (table) => new RowLocker(model, table, transaction, logging),
  }
}
