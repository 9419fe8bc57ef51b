import type { OpenTransaction } from './open-transaction.ts'

/** Tells our locks from others of two numbers. */
export const lockClass = 0x6b74_7478

/**
 * What PostgreSQL calls to mark a transaction as open until its COMMIT or rollback is over, also for one whose client
 * is gone: nobody ever waits for this lock, it is only looked for.
 */
export function lockExpression({ id }: OpenTransaction): string {
  return `pg_try_advisory_xact_lock_shared(${lockClass}, ${lockOfChange(id)})`
}

/** The lock of the transaction that made a change: the change id begins with the transaction's. */
export function lockOfChange(changeId: string): number {
  return Number.parseInt(changeId.slice(0, 8), 16) | 0
}
