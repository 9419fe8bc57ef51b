import { KtError, toRecordKey } from '@kt/core'
import type { References } from '@kt/core'
import type { FindOptions, Model, Transaction } from 'sequelize'
import { storedAttributes, valuesOf } from '../model/model-class.ts'
import type { AnyModel, Row } from '../model/model-class.ts'
import type { Change, Destination } from '../changes/change.ts'
import type { ModelStream } from '../model/model-stream.ts'
import { hasRecordId, recordId } from '../model/record-key.ts'
import { noReferences } from '../model/references.ts'
import type { TransactionChanges } from '../commit/transaction-changes.ts'
import { isExpression } from '../rows/condition.ts'
import { keyCondition } from '../rows/key-condition.ts'
import { addedStatementOptions } from '../model/query-writes.ts'
import type { WriteOptions } from '../model/query-writes.ts'

/** Whatever the defaults of Sequelize's queries are. */
export const asInstances = { raw: false, nest: false, plain: false } as const

/** How many whole records are loaded at a time for a custom payload. */
const recordsAtOnce = 1_000

export interface EmitterOptions {
  readonly model: AnyModel
  readonly stream: ModelStream
  readonly destination: Destination
  readonly changes: TransactionChanges
  readonly transaction: Transaction
  /** Of the write: the statements that read records again have some of them. */
  readonly options: WriteOptions
  /** Whether the write is all that its transaction does. */
  readonly isAlone: boolean
}

/** Notes changed records in the transaction that changed them. */
export class Emitter {
  readonly #options: EmitterOptions

  constructor(options: EmitterOptions) {
    this.#options = options
  }

  /**
   * Expects the next statement to change these rows (by attributes) and no others. If the transaction then commits,
   * their delay messages are sent while the database works. The real changes still have to be noted.
   */
  expect(rows: readonly Row[], references: References = noReferences): void {
    const { model, stream, destination, changes, isAlone } = this.#options
    // A custom payload may need what the statement only makes of the record.
    if (!isAlone || stream.isCustom || !rows.every((row) => hasRecordId(model, row))) return
    changes.expect(destination, rows, (row) => byKey(model, row, references))
  }

  /** Notes the change of a record in hand, reading it again if a custom payload could miss something of it. */
  async record(record: Model, references: References = noReferences): Promise<void> {
    const { model, stream } = this.#options
    const values = valuesOf(record)
    if (stream.isCustom && !isComplete(model, values)) return this.rows([values], () => references)
    this.#guard(() => this.#add(values, stream.payload(record), references))
  }

  /**
   * Notes the change of rows of which the primary key is known.
   *
   * @param rows by attributes
   */
  async rows(rows: readonly Row[], referencesOf: (row: Row) => References): Promise<void> {
    if (!this.#options.stream.isCustom)
      return this.#guard(() => {
        for (const row of rows) this.#addKey(row, referencesOf(row))
      })
    try {
      for (let start = 0; start < rows.length; start += recordsAtOnce)
        await this.#addLoaded(rows.slice(start, start + recordsAtOnce), referencesOf)
    } catch (error) {
      throw this.fail(error)
    }
  }

  /** Notes that a row no longer has this primary key: nothing can be read of it, so the payload is its id. */
  gone(row: Row, references: References): void {
    this.#guard(() => this.#addKey(row, references))
  }

  /** A row that is gone before it could be read has been changed by whoever deleted it, too. */
  async #addLoaded(rows: readonly Row[], referencesOf: (row: Row) => References): Promise<void> {
    const { model, stream, transaction, options: written } = this.#options
    const byKey = new Map(rows.map((row) => [recordId(model, row), row]))
    const options: FindOptions & { hooks: boolean } = {
      where: keyCondition(model, rows, (attribute) => attribute) as Record<string, unknown>,
      paranoid: false,
      hooks: false,
      ...asInstances,
      ...addedStatementOptions(written),
      transaction,
    }
    const records = await model.unscoped().findAll(options)
    for (const record of records) {
      const values = valuesOf(record)
      const row = byKey.get(recordId(model, values)) ?? values
      this.#add(values, stream.payload(record), referencesOf(row))
    }
  }

  #addKey(row: Row, references: References): void {
    const { model, destination, changes, transaction } = this.#options
    changes.add(transaction, destination, byKey(model, row, references))
  }

  #add(values: Row, payload: ReturnType<ModelStream['payload']>, references: References): void {
    const { model, destination, changes, transaction } = this.#options
    const key = toRecordKey(recordId(model, values)) ?? ''
    changes.add(transaction, destination, { key, payload, references })
  }

  /** The row is written by now: if the change can't be noted, the caller must not be able to commit it. */
  #guard(note: () => void): void {
    try {
      note()
    } catch (error) {
      throw this.fail(error)
    }
  }

  /** Keeps the transaction, or the savepoint, from being committed. @returns why */
  fail(cause: unknown): KtError {
    const { model, changes, transaction } = this.#options
    const error = KtError.isInstance(cause)
      ? cause
      : new KtError('KT_STREAM_FAILED', `The changes of ${model.name} could not be read`, {
          cause,
          retryable: true,
        })
    changes.fail(transaction, error)
    return error
  }
}

/** The change of a row of which the payload is its id. */
function byKey(model: AnyModel, row: Row, references: References): Change {
  const id = recordId(model, row)
  if (typeof id === 'string') return { key: id, payload: { id }, references }
  const key = String(id)
  // What JSON makes of a number needs no JSON.
  return {
    key,
    payload: { id },
    references,
    value: references === noReferences ? `{"id":${key}}` : undefined,
  }
}

/** Whether all columns are there, with values rather than expressions that the database computed. */
function isComplete(model: AnyModel, values: Row): boolean {
  return storedAttributes(model).every((attribute) => {
    const value = values[attribute]
    return value !== undefined && !isExpression(value)
  })
}
