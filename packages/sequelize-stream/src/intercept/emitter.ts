import { KtError } from '@kt/core'
import { toRecordKey } from '@kt/core/internal'
import type { References } from '@kt/core'
import type { FindOptions, Model, Transaction } from 'sequelize'
import { storedAttributes, valuesOf } from '../model/model-class.ts'
import type { Change, Destination } from '../changes/change.ts'
import type { ModelStream } from '../model/model-stream.ts'
import { hasRecordId, recordId } from '../model/record-key.ts'
import { noReferences } from '../model/references.ts'
import type { TransactionChanges } from '../commit/transaction-changes.ts'
import { isExpression } from '../rows/condition.ts'
import { keyCondition } from '../rows/key-condition.ts'
import { addedStatementOptions } from '../model/query-writes.ts'
import type { WriteOptions } from '../model/query-writes.ts'
import type { AnyModel, Row } from '../model/types.ts'

/** Overrides the defaults of Sequelize's queries. */
export const asInstances = { raw: false, nest: false, plain: false } as const

/** How many whole records are loaded at a time for a custom payload. */
const recordsAtOnce = 1_000

export interface EmitterOptions {
  readonly model: AnyModel
  readonly stream: ModelStream
  readonly destination: Destination
  readonly changes: TransactionChanges
  readonly transaction: Transaction
  /** The options of the write. Statements that read records again reuse some of them. */
  readonly options: WriteOptions
  /** Whether the transaction consists of this write alone. */
  readonly isAlone: boolean
  /** The columns that the write changes, as the header `kt-changed` has them; undefined if it may change any. */
  readonly changed?: string | undefined
}

/** Records changes in the transaction that made them. */
export class Emitter {
  readonly #options: EmitterOptions

  constructor(options: EmitterOptions) {
    this.#options = options
  }

  /**
   * Expects the next statement to change these rows (by attributes) and no others. If the transaction then commits,
   * their delay messages are sent while the database works. The actual changes must still be recorded.
   */
  expect(rows: readonly Row[], references: References = noReferences): void {
    const { model, stream, destination, changes, isAlone, changed } = this.#options
    // A custom payload may need values that only the statement produces.
    if (!isAlone || stream.isCustom || !rows.every((row) => hasRecordId(model, row))) return
    changes.expect(destination, rows, (row) => byKey(model, row, references, changed))
  }

  /** Records the change of a record. Reads it again if a custom payload could miss a value. */
  async record(record: Model, references: References = noReferences): Promise<void> {
    const { model, stream } = this.#options
    const values = valuesOf(record)
    if (stream.isCustom && !isComplete(model, values)) return this.rows([values], () => references)
    this.#guard(() => this.#add(values, stream.payload(record), references))
  }

  /**
   * Records the changes of rows whose primary key is known.
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

  /** Records that a row no longer has this primary key. The row can't be read any more, so the payload is its id. */
  gone(row: Row, references: References): void {
    this.#guard(() => this.#addKey(row, references))
  }

  /**
   * Reads the rows and records their changes. A missing row was deleted by another write, which records that change
   * itself.
   */
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
    const { model, destination, changes, transaction, changed } = this.#options
    changes.add(transaction, destination, byKey(model, row, references, changed))
  }

  #add(values: Row, payload: ReturnType<ModelStream['payload']>, references: References): void {
    const { model, destination, changes, transaction, changed } = this.#options
    const key = toRecordKey(recordId(model, values)) ?? ''
    changes.add(transaction, destination, { key, payload, references, changed })
  }

  /** Prevents a commit when the change can't be recorded, because the row is already written. */
  #guard(note: () => void): void {
    try {
      note()
    } catch (error) {
      throw this.fail(error)
    }
  }

  /**
   * Prevents the transaction, or the savepoint, from being committed.
   *
   * @returns the reason
   */
  fail(cause: unknown): KtError {
    const { model, changes, transaction } = this.#options
    const error = KtError.isInstance(cause)
      ? cause
      : new KtError(
          'KT_STREAM_FAILED',
          `Changed records of ${model.name} could not be read for their messages, so the write cannot be committed`,
          {
            cause,
            retryable: true,
          },
        )
    changes.fail(transaction, error)
    return error
  }
}

/** The change of a row whose payload is its id. */
function byKey(model: AnyModel, row: Row, references: References, changed: string | undefined): Change {
  const id = recordId(model, row)
  if (typeof id === 'string') return { key: id, payload: { id }, references, changed }
  const key = String(id)
  // A number needs no JSON encoding.
  return {
    key,
    payload: { id },
    references,
    value: references === noReferences ? `{"id":${key}}` : undefined,
    changed,
  }
}

/** Whether all columns have values, rather than expressions that only the database computed. */
function isComplete(model: AnyModel, values: Row): boolean {
  return storedAttributes(model).every((attribute) => {
    const value = values[attribute]
    return value !== undefined && !isExpression(value)
  })
}
