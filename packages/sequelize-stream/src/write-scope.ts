import type { Transaction } from 'sequelize'
import { sequelizeOf } from './model/model-class.ts'
import type { AnyModel } from './model/model-class.ts'
import type { Destination } from './changes/change.ts'
import type { ModelStream } from './model/model-stream.ts'
import type { StreamContext } from './stream-context.ts'
import { givenTransaction, inOwnTransaction, notRetriedAlone } from './commit/own-transaction.ts'
import { Emitter } from './intercept/emitter.ts'
import { addedStatementOptions } from './model/query-writes.ts'
import type { Table } from './model/query-generator.ts'
import type { QueryWrites, WriteOptions } from './model/query-writes.ts'
import { RowLocker } from './rows/row-locker.ts'

/** A model whose writes are streamed. `model` may be a scoped variant of it, or one in another schema. */
export interface StreamedModel {
  readonly model: AnyModel
  readonly stream: ModelStream
  readonly destination: Destination
  readonly context: StreamContext
  /** Sequelize's own query interface. */
  readonly writes: QueryWrites
}

/** One write of a streamed model, with the transaction that it runs in. */
export class WriteScope implements StreamedModel {
  readonly model: AnyModel
  readonly stream: ModelStream
  readonly destination: Destination
  readonly context: StreamContext
  readonly writes: QueryWrites
  readonly emitter: Emitter
  /** The caller's options, with the transaction. */
  readonly options: WriteOptions & { readonly transaction: Transaction }

  /** @param isAlone whether the transaction is ours, and this write all that it does */
  constructor(
    { model, stream, destination, context, writes }: StreamedModel,
    options: WriteOptions,
    transaction: Transaction,
    isAlone: boolean,
  ) {
    this.model = model
    this.stream = stream
    this.destination = destination
    this.context = context
    this.writes = writes
    this.options = { ...options, transaction, ...(isAlone && { retry: notRetriedAlone }) }
    this.emitter = new Emitter({
      model,
      stream,
      destination,
      changes: context.changesOf(transaction),
      transaction,
      options: this.options,
      isAlone,
    })
  }

  rowsOf(table: Table): RowLocker {
    return new RowLocker(this.model, table, addedStatementOptions(this.options))
  }
}

/**
 * Runs a write in the transaction that it was given, that CLS has, or else in one of ours.
 *
 * @param expect gets the emitter before a transaction of ours begins, to send early what is known by then
 */
export async function withWriteScope<T>(
  streamed: StreamedModel,
  options: WriteOptions,
  write: (scope: WriteScope) => Promise<T>,
  expect?: (emitter: Emitter) => void,
): Promise<T> {
  const { model, context } = streamed
  context.assertOpen()
  const sequelize = sequelizeOf(model)
  const given = givenTransaction(sequelize, options.transaction)
  const begun = context.commit.fallback?.tryBegin()
  if (given) return context.changesOf(given).run(() => write(new WriteScope(streamed, options, given, false)))
  // It needs a connection: before ours takes perhaps the last one.
  if (begun !== undefined) await begun
  return inOwnTransaction(sequelize, context.commit.guard, options, (transaction) => {
    const scope = new WriteScope(streamed, options, transaction, true)
    expect?.(scope.emitter)
    return () => write(scope)
  })
}
