import type { BulkLines } from './bulk-lines.ts'
import type { Entry } from '../entry.ts'
import type { Reason, Resolution } from './classify.ts'

/** The entries of one write, grouped by outcome. */
export interface Outcomes {
  readonly indexed: readonly Entry[]
  readonly deleted: readonly Entry[]
  readonly newer: readonly Entry[]
  readonly rejected: readonly { readonly entry: Entry; readonly reason: Reason }[]
  readonly retry: readonly Entry[]
  /** Why the last of them is retried. */
  readonly reason: Reason
}

/** @param resolutions one for each operation, in order */
export function groupByOutcome(
  { entries, actions }: Pick<BulkLines, 'entries' | 'actions'>,
  resolutions: readonly Resolution[],
): Outcomes {
  const indexed: Entry[] = []
  const deleted: Entry[] = []
  const newer: Entry[] = []
  const rejected: { entry: Entry; reason: Reason }[] = []
  const retry: Entry[] = []
  let reason: Reason = {}
  /** The resolution of the routing copies' deletes, which precede the operation of their entry. */
  let copies: Resolution | undefined
  entries.forEach((entry, i) => {
    const resolution = worse(copies, resolutions[i] ?? { kind: 'retry' })
    copies = undefined
    if (actions[i]?.isCopy) {
      copies = resolution
      return
    }
    switch (resolution.kind) {
      case 'done':
        ;(actions[i]?.kind === 'delete' ? deleted : indexed).push(entry)
        break
      case 'newer':
        newer.push(entry)
        break
      case 'rejected':
        rejected.push({ entry, reason: resolution })
        break
      case 'retry':
        retry.push(entry)
        reason = resolution
        break
    }
  })
  return { indexed, deleted, newer, rejected, retry, reason }
}

/** Retries an entry if any of its operations is retried, and gives it up if any is rejected. */
function worse(earlier: Resolution | undefined, resolution: Resolution): Resolution {
  if (earlier?.kind === 'retry') return earlier
  return earlier?.kind === 'rejected' && resolution.kind !== 'retry' ? earlier : resolution
}
