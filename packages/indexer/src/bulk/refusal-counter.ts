import type { Entry } from '../entry.ts'
import type { Classification } from './classify.ts'

/** After this many refusals in a row a record is given up: about a minute with the default waits. */
const maxRefusals = 12

/**
 * Counts consecutive refusals (429) of a record that was sent alone, while its shard accepted another write right
 * after. A document that exceeds the search engine's indexing limit is refused forever. Under overload, which passes,
 * other documents are refused as well.
 */
export class RefusalCounter {
  #counts: ReadonlyMap<string, number> = new Map()

  /** @returns the classifications of one more write, with `refused` replaced by `retry` or `rejected` */
  count(entries: readonly Entry[], classifications: readonly Classification[]): readonly Classification[] {
    const counts = new Map<string, number>()
    const counted = classifications.map((each, i): Classification => {
      if (each.kind !== 'refused') return each
      const id = entries[i]?.id ?? ''
      const count = (this.#counts.get(id) ?? 0) + 1
      counts.set(id, count)
      return { ...each, kind: count < maxRefusals ? 'retry' : 'rejected' }
    })
    this.#counts = counts
    return counted
  }
}
