import type { Sequelize, TransactionOptions } from 'sequelize'

type Logging = NonNullable<TransactionOptions['logging']>

/**
 * The `logging` option for the BEGIN, COMMIT and ROLLBACK of a transaction of ours: that of the write, or Sequelize's.
 *
 * Sequelize calls the function while the statement is on its way. If it throws at ROLLBACK, Sequelize destroys the
 * connection, and the rejection of that statement, which nobody handles, ends the process. Without a stream the write
 * only rejects with what the function throws for its own statement, and so it does here.
 */
export function guardedLogging(sequelize: Sequelize, ofWrite: Logging | undefined): Logging {
  const { options } = sequelize as unknown as { readonly options: { readonly logging?: Logging } }
  const logging = ofWrite ?? options.logging ?? false
  // Sequelize formats the entries of `console.log` otherwise, and knows it by its identity.
  // oxlint-disable-next-line no-console -- it is compared, not called
  if (typeof logging !== 'function' || logging === console.log) return logging
  return (...entry) => {
    try {
      logging(...entry)
    } catch {
      // The write's own statement has an entry as well, and what that throws reaches the caller.
    }
  }
}
