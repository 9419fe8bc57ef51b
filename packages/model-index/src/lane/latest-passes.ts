import { unitedOrigins } from '@kt/core/internal'
import type { Origin } from '@kt/core/internal'
import type { Place } from './search-message.ts'

/** So many roots are remembered. A forgotten pass is not replaced, which costs work and does no harm. */
const remembered = 10_000

interface Pass {
  readonly place: Place
  readonly origins: readonly Origin[]
  /** How many of its messages wait, as far as this process knows. */
  readonly open: number
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
    const isKnown = known !== undefined && (isSame(known.place, place) || isLater(known.place, place))
    const inherited = known === undefined || known.open === 0 ? [] : known.origins
    const pass = {
      place: isKnown ? known.place : place,
      origins: unitedOrigins([...inherited, ...origins]),
      open: isKnown ? Math.max(1, known.open) : 1,
    }
    this.#passes.delete(root)
    this.#passes.set(root, pass)
    const [oldest] = this.#passes.keys()
    if (this.#passes.size > remembered && oldest !== undefined) this.#passes.delete(oldest)
    return pass.origins
  }

  /** Records that a message of a pass was handled, and how many messages continue it. */
  handled(root: string, place: Place, rest: number): void {
    const pass = this.#passes.get(root)
    if (pass === undefined || !isSame(pass.place, place)) return
    this.#passes.set(root, { ...pass, open: Math.max(0, pass.open + rest - 1) })
  }

  /** Forgets the latest pass of a root, so that no earlier one is replaced by it. */
  forget(root: string): void {
    this.#passes.delete(root)
  }

  /** Whether a later pass of the root has begun since. */
  isReplaced(root: string, place: Place): boolean {
    const known = this.#passes.get(root)
    return known !== undefined && isLater(known.place, place)
  }
}

function isSame(one: Place, other: Place): boolean {
  return one.partition === other.partition && one.offset === other.offset
}

/** After partitions were added, a root may have moved to another one. Its places can't be compared then. */
function isLater(one: Place, other: Place): boolean {
  return one.partition === other.partition && BigInt(one.offset) > BigInt(other.offset)
}
