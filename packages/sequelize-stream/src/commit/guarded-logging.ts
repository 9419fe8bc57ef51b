import type { Sequelize, TransactionOptions } from 'sequelize'
import { optionsOf } from '../model/untyped.ts'

type Logging = NonNullable<TransactionOptions['logging']>

/**
 * The `logging` option for BEGIN, COMMIT and ROLLBACK of our transactions: that of the write, or else Sequelize's.
 *
 * Sequelize calls the function while the statement runs. If the function throws at ROLLBACK, Sequelize destroys the
 * connection, and the statement's unhandled rejection ends the process. Without a stream, the write only rejects with
 * the error that the function throws for the write's own statement. This keeps it so.
 */
export function guardedLogging(sequelize: Sequelize, ofWrite: Logging | undefined): Logging {
  const logging = ofWrite ?? optionsOf(sequelize).logging ?? false
  // Sequelize recognises `console.log` by identity, and formats its entries differently.
  // oxlint-disable-next-line no-console -- it is compared, not called
  if (typeof logging !== 'function' || logging === console.log) return logging
  return (...entry) => {
    try {
      logging(...entry)
    } catch {
      // The write's own statement is logged too, and an error there reaches the caller.
    }
  }
}
