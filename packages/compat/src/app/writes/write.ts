import type { Model, Transaction } from 'sequelize'
import type { Models } from '../models.ts'

interface WriteOptions {
  transaction?: Transaction
}

/** One way to write. */
export interface Write {
  readonly name: string
  /** It is wrong, and has to fail as it does without a stream. */
  readonly mustFail?: boolean
  /**
   * @param options the transaction, if there is one
   * @param base the records that it may touch have ids from `base` on, so that no round of writes meets another
   */
  readonly write: (models: Models, options: WriteOptions, base: number) => Promise<unknown>
}

/** A record that must be there. */
export async function found(promise: Promise<Model | null>): Promise<Model> {
  const record = await promise
  if (record === null) throw new Error('The record is missing')
  return record
}

/** Calls a mixin, which no type of `define` knows. */
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
