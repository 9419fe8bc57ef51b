import { setTimeout } from 'node:timers/promises'
import type { Change } from './change.ts'
import type { ChangeLog } from './change-log.ts'
import type { DocumentState } from './document-state.ts'

/**
 * Polls the index until it shows the change, and logs how long that took. It asks Elasticsearch itself, so it measures
 * the delay for a reader, wherever the Indexer runs. Its polling interval adds up to a twentieth of that time.
 */
export async function followChange(
  change: Change,
  committedAtMs: number,
  state: DocumentState,
  { log, signal }: { readonly log: ChangeLog; readonly signal: AbortSignal },
): Promise<void> {
  const elapsed = (): number => performance.now() - committedAtMs
  const ask = async (question: () => Promise<boolean>): Promise<number | undefined> => {
    while (!signal.aborted && log.has(change.id)) {
      // If Elasticsearch is down, the change is not indexed yet.
      if (await question().catch(() => false)) return elapsed()
      await setTimeout(Math.min(100, Math.max(1, elapsed() / 20)))
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
  if (indexedMs !== undefined) log.update(change.id, { done: change.total, indexedMs })
  const searchableMs = indexedMs === undefined ? undefined : await ask(() => state.isSearchable())
  if (searchableMs !== undefined) log.update(change.id, { searchableMs })
}
