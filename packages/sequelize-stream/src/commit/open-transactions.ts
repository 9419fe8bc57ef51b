import { KtError } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { OpenTransactions } from '@kt/core'
import type { Sequelize } from 'sequelize'
import { ticketQuery } from '../tickets/ticket-counter.ts'
import { lockClass, lockOfChange } from './transaction-lock.ts'

/**
 * Lets a Delayer find out which streamed transactions of this database are still open. Delay messages then wait for a
 * COMMIT that takes longer than the delay, for example because a deferred constraint waits for a lock or a synchronous
 * standby is away. PostgreSQL only. On other databases no transaction counts as open.
 *
 * @throws KtError `KT_OPTION_INVALID`; `read` throws `KT_LOAD_FAILED` with the database's error as its cause
 */
export function openTransactions(sequelize: Sequelize): OpenTransactions {
  optionChecker('openTransactions').port('sequelize', sequelize, ['query', 'getDialect'])
  return {
    read: async () => {
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
    throw new KtError('KT_LOAD_FAILED', 'The open transactions could not be read from the database', {
      cause,
      retryable: true,
    })
  }
}
