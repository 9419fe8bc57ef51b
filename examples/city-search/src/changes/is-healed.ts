import type { Change } from './change.ts'
import type { ChangeLog } from './change-log.ts'
import type { DocumentState } from './document-state.ts'

/** A write whose instant message was lost on purpose. */
export interface LostChange {
  /** From the commit until the delay message comes due. */
  readonly dueMs: number
}

/**
 * Whether the delay message of a lost change has brought it to the index. The Indexer always reads the latest row, so a
 * message of another write may have been faster: an earlier one that came before the delay message was due, or that of a
 * later write.
 */
export async function isHealed(
  { dueMs }: LostChange,
  {
    change,
    indexedMs,
    log,
    state,
  }: { change: Change; indexedMs: number; log: ChangeLog; state: DocumentState },
): Promise<boolean> {
  if (indexedMs < dueMs) return false
  if (log.latest.some((other) => isLaterWithMessage(other, change))) return false
  // Other processes write, too.
  return !(await state.hasWriteSince(Math.round(change.committedAt + dueMs)).catch(() => true))
}

function isLaterWithMessage(other: Change, change: Change): boolean {
  return other.record === change.record && other.id > change.id && other.dueAt === undefined
}
