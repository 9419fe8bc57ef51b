import { KtError, optionChecker } from '@kt/core'
import type { OpenTransactions } from '@kt/core'
import type { Sequelize } from 'sequelize'
import { ticketQuery } from '../tickets/ticket-counter.ts'
import { lockClass, lockOfChange } from './transaction-lock.ts'

/**
 * Tells a Delayer which streamed transactions of this database have not ended, so that the delay messages of one whose
 * COMMIT lasts longer than the delay wait for it: a deferred constraint may wait for a lock, a synchronous standby be
 * away. For PostgreSQL; elsewhere none counts as open.
 *
 * @throws KtError `KT_OPTION_INVALID`; `look` throws `KT_LOAD_FAILED` with the database's error as its cause.
 */
export function openTransactions(sequelize: Sequelize): OpenTransactions {
  optionChecker('openTransactions').port('sequelize', sequelize, ['query', 'getDialect'])
  return {
    look: async () => {
      if (sequelize.getDialect() !== 'postgres') return () => false
      const locks = await heldLocks(sequelize)
      return (changeId) => locks.has(lockOfChange(changeId))
    },
  }
}

async function heldLocks(sequelize: Sequelize): Promise<ReadonlySet<number>> {
  try {
    const [rows] = await sequelize.query(
      `SELECT objid::bigint::text AS lock FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 AND classid = ${lockClass} AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      ticketQuery,
    )
    return new Set((rows as readonly { readonly lock: string }[]).map(({ lock }) => Number(lock) | 0))
  } catch (cause) {
    throw new KtError('KT_LOAD_FAILED', 'The database did not tell which transactions are open', {
      cause,
      retryable: true,
    })
  }
}
