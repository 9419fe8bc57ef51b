import type { Place } from './search-message.ts'

/** So many roots are remembered. A forgotten pass is not replaced, which costs work and does no harm. */
const remembered = 10_000

/**
 * Remembers where the latest pass of each root has begun. The messages of a root share a partition, so the beginning
 * with the highest offset is the latest, whatever the writers' clocks say. Because a pass begins with everything that
 * its root reaches, the latest one covers all that earlier ones have left.
 */
export class LatestPasses {
  readonly #beginnings = new Map<string, Place>()

  begin(root: string, place: Place): void {
    const known = this.#beginnings.get(root)
    this.#beginnings.delete(root)
    this.#beginnings.set(root, known !== undefined && isLater(known, place) ? known : place)
    const [oldest] = this.#beginnings.keys()
    if (this.#beginnings.size > remembered && oldest !== undefined) this.#beginnings.delete(oldest)
  }

  /** Whether a later pass of the root has begun since. */
  isReplaced(root: string, place: Place): boolean {
    const known = this.#beginnings.get(root)
    return known !== undefined && isLater(known, place)
  }
}

/** After partitions were added, a root may have moved to another one. Its places can't be compared then. */
function isLater(one: Place, other: Place): boolean {
  return one.partition === other.partition && BigInt(one.offset) > BigInt(other.offset)
}
