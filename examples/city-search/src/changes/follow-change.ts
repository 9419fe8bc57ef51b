import { setTimeout } from 'node:timers/promises'
import type { Change } from './change.ts'
import type { ChangeLog } from './change-log.ts'
import type { DocumentState } from './document-state.ts'
import { isHealed } from './is-healed.ts'
import type { LostChange } from './is-healed.ts'

export interface FollowOptions {
  readonly log: ChangeLog
  readonly signal: AbortSignal
  /** Set if the change was to lose its instant message. */
  readonly lost: LostChange | undefined
}

/**
 * Polls the index until it shows the change, and logs how long that took. It asks Elasticsearch itself, so it measures
 * the delay for a reader, wherever the Indexer runs. Its polling interval adds up to a twentieth of that time. A lost
 * change is polled more often, to see whether it came before or after its delay message was due.
 */
export async function followChange(
  change: Change,
  committedAtMs: number,
  state: DocumentState,
  { log, signal, lost }: FollowOptions,
): Promise<void> {
  const longestPauseMs = lost === undefined ? 100 : 20
  const elapsed = (): number => performance.now() - committedAtMs
  const ask = async (question: () => Promise<boolean>): Promise<number | undefined> => {
    while (!signal.aborted && log.has(change.id)) {
      // If Elasticsearch is down, the change is not indexed yet.
      if (await question().catch(() => false)) return elapsed()
      await setTimeout(Math.min(longestPauseMs, Math.max(1, elapsed() / 20)))
    }
    return undefined
  }
  let last = 0
  const indexedMs = await ask(async () => {
    const done = await state.done()
    if (done !== last && done < change.total) log.update(change.id, { done })
    last = done
    return done >= change.total
  })
  if (indexedMs === undefined) return
  const healed = lost && (await isHealed(lost, { change, indexedMs, log, state }))
  log.update(change.id, { done: change.total, indexedMs, ...(healed !== undefined && { healed }) })
  const searchableMs = await ask(() => state.isSearchable())
  if (searchableMs !== undefined) log.update(change.id, { searchableMs })
}
