import type { BulkLines } from './bulk-lines.ts'
import type { Entry } from '../entry.ts'
import type { Reason, Settled } from './verdict.ts'

/** The entries of one write, by what became of them. */
export interface Tally {
  readonly indexed: readonly Entry[]
  readonly deleted: readonly Entry[]
  readonly newer: readonly Entry[]
  readonly rejected: readonly { readonly entry: Entry; readonly reason: Reason }[]
  /** To be tried again. */
  readonly again: readonly Entry[]
  /** Why the last of them is to be tried again. */
  readonly reason: Reason
}

/** @param settled what was decided about each operation, in their order */
export function tally(
  { entries, actions }: Pick<BulkLines, 'entries' | 'actions'>,
  settled: readonly Settled[],
): Tally {
  const indexed: Entry[] = []
  const deleted: Entry[] = []
  const newer: Entry[] = []
  const rejected: { entry: Entry; reason: Reason }[] = []
  const again: Entry[] = []
  let reason: Reason = {}
  /** Of the deletes of old copies, which come before what they belong to. */
  let copies: Settled | undefined
  entries.forEach((entry, i) => {
    const verdict = worse(copies, settled[i] ?? { kind: 'retry' })
    copies = undefined
    if (actions[i]?.isCopy) {
      copies = verdict
      return
    }
    switch (verdict.kind) {
      case 'done':
        ;(actions[i]?.kind === 'delete' ? deleted : indexed).push(entry)
        break
      case 'newer':
        newer.push(entry)
        break
      case 'rejected':
        rejected.push({ entry, reason: verdict })
        break
      case 'retry':
        again.push(entry)
        reason = verdict
        break
    }
  })
  return { indexed, deleted, newer, rejected, again, reason }
}

/** An entry is tried again if any of its operations is, and given up if any is. */
function worse(earlier: Settled | undefined, verdict: Settled): Settled {
  if (earlier?.kind === 'retry') return earlier
  return earlier?.kind === 'rejected' && verdict.kind !== 'retry' ? earlier : verdict
}
