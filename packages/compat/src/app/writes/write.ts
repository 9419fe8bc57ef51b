import type { Model, Transaction } from 'sequelize'
import type { Models } from '../models.ts'

interface WriteOptions {
  transaction?: Transaction
}

/** One way to write. */
export interface Write {
  readonly name: string
  /** The write is invalid and must fail as it does without a stream. */
  readonly mustFail?: boolean
  /**
   * @param options the transaction, if there is one
   * @param base the first id of the records that it may change, so that different rounds do not collide
   */
  readonly write: (models: Models, options: WriteOptions, base: number) => Promise<unknown>
}

/** Resolves with a record that must exist. */
export async function found(promise: Promise<Model | null>): Promise<Model> {
  const record = await promise
  if (record === null) throw new Error('The record is missing')
  return record
}

/** Calls a mixin. The types of `define` do not include mixins. */
export async function mixin(
  promise: Promise<Model | null>,
  name: string,
  ...args: readonly unknown[]
): Promise<unknown> {
  const record = await found(promise)
  const method: unknown = Reflect.get(record, name)
  if (typeof method !== 'function') throw new Error(`There is no mixin ${name}`)
  return Reflect.apply(method, record, args) as unknown
}
