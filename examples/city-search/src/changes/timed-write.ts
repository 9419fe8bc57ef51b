import type { Sequelize, Transaction } from 'sequelize'
import type { Loss } from '../demo/lossy-producer.ts'

export interface TimedWrite<T> {
  readonly result: T
  /** Commit time of the transaction, on the clock of `performance.now()`. */
  readonly committedAtMs: number
  /** Only set if the write was to lose its instant message. */
  readonly loss?: Loss
}

/** Makes a write in a transaction, and records when its COMMIT was answered. */
export async function timedWrite<T>(
  sequelize: Sequelize,
  write: (transaction: Transaction) => Promise<T>,
): Promise<TimedWrite<T>> {
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
