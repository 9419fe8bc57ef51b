import type { QueuedSearch } from './search-message.ts'

/** So many roots are remembered. A forgotten pass is not replaced, which costs work and does no harm. */
const remembered = 10_000

/**
 * Remembers the latest pass over the dependents of each root. Searches of a root share a partition, so the pass whose
 * beginning came last is the latest, whatever the writers' clocks say.
 */
export class LatestPasses {
  readonly #passes = new Map<string, string>()

  /** Whether a later pass has begun since, which reads the same records anew. */
  isReplaced({ root, pass, begins }: QueuedSearch): boolean {
    if (begins) {
      this.#passes.delete(root)
      this.#passes.set(root, pass)
      const [oldest] = this.#passes.keys()
      if (this.#passes.size > remembered && oldest !== undefined) this.#passes.delete(oldest)
      return false
    }
    const latest = this.#passes.get(root)
    return latest !== undefined && latest !== pass
  }
}
