import type { Sequelize, Transaction } from 'sequelize'

/** A transaction with what Sequelize's types leave out. */
export interface OpenTransaction extends Transaction {
  readonly id: string
  readonly sequelize: Sequelize
  readonly parent?: OpenTransaction | null
  readonly savepoints: readonly OpenTransaction[]
  readonly name?: string
  finished?: 'commit' | 'rollback' | undefined
  readonly connection?: object
  begin: () => Promise<void>
  prepareEnvironment(useCls: boolean): Promise<void>
  cleanup: () => void
}

/** The option of statements that belong to the end of a transaction: Sequelize refuses all others by then. */
export const endsTransaction = { completesTransaction: true } as const

/** The transaction that really commits: all others are savepoints in it. */
export function rootOf(transaction: Transaction): OpenTransaction {
  let root = transaction as OpenTransaction
  while (root.parent) root = root.parent
  return root
}

/** Whether `inner` is `outer`, or a savepoint somewhere in it. */
export function isWithin(inner: Transaction, outer: Transaction): boolean {
  for (let each: OpenTransaction | null | undefined = inner as OpenTransaction; each; each = each.parent)
    if (each === outer) return true
  return false
}

/**
 * The savepoint that the rollback of `savepoint` surely reaches, if any does: all that was done in it is undone.
 *
 * Sequelize 6 names a savepoint in a savepoint as it has named others, and renames the outer one after it, so that
 * rolling back the outer one reaches its last inner one only, and what was done before that stays. What is not surely
 * undone has to be streamed; a message too many does no harm.
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

/** Whether PostgreSQL refused a statement because one before it in the transaction had failed. */
export function isCausedByAbort(error: unknown): boolean {
  const { original } = error as { readonly original?: { readonly code?: unknown } }
  return original?.code === '25P02'
}
