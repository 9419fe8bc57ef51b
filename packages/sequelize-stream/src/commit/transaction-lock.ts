import type { OpenTransaction } from '../model/untyped.ts'

/** Distinguishes our locks from other locks with two numbers. */
export const lockClass = 0x6b74_7478

/**
 * The SQL expression that marks a transaction as open until its COMMIT or rollback has finished, even if its client is
 * gone. Nothing ever waits for this lock. The Delayer only checks whether it exists.
 */
export function lockExpression({ id }: OpenTransaction): string {
  return `pg_try_advisory_xact_lock_shared(${lockClass}, ${lockOfChange(id)})`
}

/** The lock of the transaction that made a change. The change id begins with the transaction's id. */
export function lockOfChange(changeId: string): number {
  return Number.parseInt(changeId.slice(0, 8), 16) | 0
}
