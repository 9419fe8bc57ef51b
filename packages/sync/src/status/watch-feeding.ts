import { errorFields } from '@kt/core'
import { sleep } from '@kt/core/internal'
import type { SyncParts } from '../parts.ts'
import { statusOf } from './status.ts'

/**
 * Looks until the signal fires whether workers keep the searched indexes up to date, such as during a re-index of hours.
 * An index that nobody feeds is reported once, until somebody does.
 */
export async function watchFeeding(parts: SyncParts, signal: AbortSignal, everyMs = 15_000): Promise<void> {
  const { logger } = parts.config
  let reported: ReadonlySet<string> = new Set()
  for (;;) {
    await sleep(everyMs, signal)
    if (signal.aborted) return
    try {
      const { groups, away } = await statusOf(parts)
      if (signal.aborted) return
      // Nothing is known of the workers then.
      if (away.some(({ service }) => service !== 'database')) continue
      const unfed = groups.filter(({ alias, members }) => alias !== undefined && members === 0)
      for (const { name, generation, lag } of unfed)
        if (!reported.has(name))
          logger.error('No worker keeps the searched index up to date', {
            index: generation,
            group: name,
            waiting: lag,
            advice: 'start one with sync.run() or "kt run"',
          })
      reported = new Set(unfed.map(({ name }) => name))
    } catch (error) {
      if (!signal.aborted) logger.warn('The workers could not be looked at', errorFields(error))
    }
  }
}
