import { unitedOrigins } from '@kt/core/internal'
import type { Origin } from '@kt/core/internal'
import type { Place } from './search-message.ts'

/** So many roots are remembered. A forgotten pass is not replaced, which costs work and does no harm. */
const remembered = 10_000

interface Pass {
  readonly place: Place
  readonly origins: readonly Origin[]
}

/**
 * Remembers where the latest pass of each root has begun. The messages of a root share a partition, so the beginning
 * with the highest offset is the latest, whatever the writers' clocks say. Because a pass begins with everything that
 * its root reaches, the latest one covers all that earlier ones have left.
 */
export class LatestPasses {
  readonly #passes = new Map<string, Pass>()

  /**
   * Records a message of a pass that has begun at `place`.
   *
   * @returns the origins of the latest pass: also those of the passes that it has replaced, because it continues for
   *   their changes, too
   */
  note(root: string, place: Place, origins: readonly Origin[]): readonly Origin[] {
    const known = this.#passes.get(root)
    const pass = {
      place: known !== undefined && isLater(known.place, place) ? known.place : place,
      origins: unitedOrigins([...(known?.origins ?? []), ...origins]),
    }
    this.#passes.delete(root)
    this.#passes.set(root, pass)
    const [oldest] = this.#passes.keys()
    if (this.#passes.size > remembered && oldest !== undefined) this.#passes.delete(oldest)
    return pass.origins
  }

  /** Whether a later pass of the root has begun since. */
  isReplaced(root: string, place: Place): boolean {
    const known = this.#passes.get(root)
    return known !== undefined && isLater(known.place, place)
  }
}

/** After partitions were added, a root may have moved to another one. Its places can't be compared then. */
function isLater(one: Place, other: Place): boolean {
  return one.partition === other.partition && BigInt(one.offset) > BigInt(other.offset)
}
