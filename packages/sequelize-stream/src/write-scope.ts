import type { Transaction } from 'sequelize'
import { sequelizeOf } from './model/model-class.ts'
import type { Destination } from './changes/change.ts'
import type { ModelStream } from './model/model-stream.ts'
import type { StreamContext } from './stream-context.ts'
import { givenTransaction, inOwnTransaction, notRetriedAlone } from './commit/own-transaction.ts'
import { Emitter } from './intercept/emitter.ts'
import { addedStatementOptions } from './model/query-writes.ts'
import type { QueryWrites, WriteOptions } from './model/query-writes.ts'
import { RowLocker } from './rows/row-locker.ts'
import type { AnyModel, Table } from './model/types.ts'

/** A streamed model. `model` may be a scoped variant of it, or the model in another schema. */
export interface StreamedModel {
  readonly model: AnyModel
  readonly stream: ModelStream
  readonly destination: Destination
  readonly context: StreamContext
  /** Sequelize's own query interface. */
  readonly writes: QueryWrites
  /** The columns that the write changes, as the header `kt-changed` has them; undefined if it may change any. */
  readonly changed?: string | undefined
}

/** One write of a streamed model and the transaction that it runs in. */
export class WriteScope implements StreamedModel {
  readonly model: AnyModel
  readonly stream: ModelStream
  readonly destination: Destination
  readonly context: StreamContext
  readonly writes: QueryWrites
  readonly emitter: Emitter
  /** The caller's options, including the transaction. */
  readonly options: WriteOptions & { readonly transaction: Transaction }

  /** @param isAlone whether we started the transaction and this write is all that it does */
  constructor(
    { model, stream, destination, context, writes, changed }: StreamedModel,
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
      changed,
    })
  }

  rowsOf(table: Table): RowLocker {
    return new RowLocker(this.model, table, addedStatementOptions(this.options))
  }
}

/**
 * Runs a write in the given transaction, in that of CLS, or else in a new one.
 *
 * @param expect receives the emitter before a new transaction begins, to send known changes early
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
  // Wait before our transaction perhaps takes the last connection: starting the outbox needs one too.
  if (begun !== undefined) await begun
  return inOwnTransaction(sequelize, context.commit.guard, options, (transaction) => {
    const scope = new WriteScope(streamed, options, transaction, true)
    expect?.(scope.emitter)
    return () => write(scope)
  })
}
