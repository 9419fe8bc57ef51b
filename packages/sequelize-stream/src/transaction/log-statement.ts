import type { TransactionOptions } from 'sequelize'
import type { OpenTransaction } from './open-transaction.ts'

/** Sequelize's own way to log a statement. */
interface Log {
  log(message: string, options: TransactionOptions): void
}

/** To whom a statement is logged: see Sequelize's option. */
export interface Logged {
  readonly logging?: TransactionOptions['logging'] | undefined
}

/** Logs a statement that is not sent by `Sequelize.query`, as if it were. */
export function logStatement(transaction: OpenTransaction, sql: string, { logging }: Logged): void {
  const { id, sequelize } = transaction
  // Without the option Sequelize takes its own; with an undefined one it would be silent.
  const options = logging === undefined ? {} : { logging }
  ;(sequelize as unknown as Log).log(`Executing (${id}): ${sql}`, options)
}
