import type { Sequelize, Transaction } from 'sequelize'

export interface TimedWrite<T> {
  readonly result: T
  /** When the transaction was committed, on the clock of `performance.now()`. */
  readonly committedAtMs: number
}

/** Makes a write in a transaction, and notes the moment at which its COMMIT was answered. */
export async function timedWrite<T>(
  sequelize: Sequelize,
  write: (transaction: Transaction) => Promise<T>,
): Promise<TimedWrite<T>> {
  let committedAtMs = 0
  const result = await sequelize.transaction(async (transaction) => {
    // Sequelize calls it as soon as the database has answered, before it gives control back to us.
    transaction.afterCommit(() => {
      committedAtMs = performance.now()
    })
    return write(transaction)
  })
  return { result, committedAtMs }
}
