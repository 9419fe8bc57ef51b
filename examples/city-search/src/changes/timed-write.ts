import type { Transaction } from 'sequelize'
import { sequelize } from '../models/database.ts'

export interface TimedWrite<T> {
  readonly result: T
  /** Commit time of the transaction, on the clock of `performance.now()`. */
  readonly committedAtMs: number
}

/** Makes a write in a transaction, and records when its COMMIT was answered. */
export async function timedWrite<T>(write: (transaction: Transaction) => Promise<T>): Promise<TimedWrite<T>> {
  let committedAtMs = 0
  const result = await sequelize.transaction(async (transaction) => {
    // Sequelize calls this hook as soon as the database has answered, before it returns to the caller.
    transaction.afterCommit(() => {
      committedAtMs = performance.now()
    })
    return write(transaction)
  })
  return { result, committedAtMs }
}
