import type { Transaction } from 'sequelize'
import type { OpenTransaction } from '../model/untyped.ts'

/** Marks a statement as part of the transaction's end. Sequelize refuses all others by then. */
export const endsTransaction = { completesTransaction: true } as const

/** The transaction that really commits. All others are savepoints within it. */
export function rootOf(transaction: Transaction): OpenTransaction {
  let root = transaction as OpenTransaction
  while (root.parent) root = root.parent
  return root
}

/** Whether `inner` is `outer` or a savepoint nested in it. */
export function isWithin(inner: Transaction, outer: Transaction): boolean {
  for (let each: OpenTransaction | null | undefined = inner as OpenTransaction; each; each = each.parent)
    if (each === outer) return true
  return false
}

/**
 * The savepoint that the rollback of `savepoint` certainly reaches, if any. All changes made in it are undone.
 *
 * Sequelize 6 reuses the names of savepoints for nested ones, and renames the outer savepoint after its inner one. So
 * rolling back the outer savepoint reaches only its last inner one, and earlier changes stay. Changes that are not
 * certainly undone have to be streamed. A superfluous message does no harm.
 */
export function rolledBackWith(savepoint: OpenTransaction): OpenTransaction | undefined {
  const target = savepoint.savepoints.at(-1) ?? savepoint
  if (target.name !== savepoint.name || (target !== savepoint && target.savepoints.length > 0))
    return undefined
  const mayShadow = (each: OpenTransaction): boolean => each.name === target.name && !isWithin(target, each)
  return allSavepoints(rootOf(savepoint)).some(mayShadow) ? undefined : target
}

function allSavepoints(transaction: OpenTransaction): readonly OpenTransaction[] {
  return transaction.savepoints.flatMap((each) => [each, ...allSavepoints(each)])
}

/** Whether PostgreSQL refused a statement because an earlier one had aborted the transaction. */
export function isCausedByAbort(error: unknown): boolean {
  const { original } = error as { readonly original?: { readonly code?: unknown } }
  return original?.code === '25P02'
}
