import type { Entry } from '../entry.ts'
import type { Finding, Verdict } from './verdict.ts'

/** After so many refusals in a row a record is given up: with the default waits that takes about a minute. */
const mostRefusals = 12

/**
 * Counts how often in a row the search engine had no room (429) for a record that came alone, and took something else
 * into the same shard right after. A document that is larger than what it indexes at a time is refused for ever; while it
 * just has too much to do, others are refused as well.
 */
export class Refusals {
  #counts: ReadonlyMap<string, number> = new Map()

  /** @returns what to do about each operation of one more write, when it was refused */
  decide(entries: readonly Entry[], findings: readonly Finding[]): readonly Verdict[] {
    const counts = new Map<string, number>()
    const verdicts = findings.map((finding, i): Verdict => {
      if (finding.kind !== 'refused') return finding
      const id = entries[i]?.id ?? ''
      const count = (this.#counts.get(id) ?? 0) + 1
      counts.set(id, count)
      return { ...finding, kind: count < mostRefusals ? 'retry' : 'rejected' }
    })
    this.#counts = counts
    return verdicts
  }
}
