import type { VerifyPhase, VerifyPosition } from './checkpoint.ts'

/**
 * - `missing`: the record has no document.
 * - `stale`: its document is not what the record makes of it.
 * - `orphaned`: the document has no record, or one that doesn't belong in the index.
 * - `duplicate`: the document is a copy under a routing that the record doesn't have.
 */
export type DifferenceKind = 'missing' | 'stale' | 'orphaned' | 'duplicate'

/** A document that is not as its record. */
export interface Difference {
  readonly id: string
  readonly kind: DifferenceKind
  /** Whether it was right after healing; undefined without healing. */
  readonly healed?: boolean
}

export interface VerifyReport {
  readonly index: string
  /** How many documents of the index were compared. */
  readonly documents: number
  /** How many records of the database were looked up in the index. */
  readonly records: number
  readonly missing: number
  readonly stale: number
  readonly orphaned: number
  readonly duplicate: number
  /** How many of the differences were healed. */
  readonly healed: number
  /** How many records have a `document()` that throws. Their messages are in the dead letters. */
  readonly unbuildable: number
  /** How many records changed so often that they could not be compared. */
  readonly unsettled: number
  /** The first differences, at most 1,000. All of them are passed to `onDifference`. */
  readonly differences: readonly Difference[]
  readonly durationMs: number
}

export interface VerifyProgress {
  readonly phase: VerifyPhase
  readonly done: number
  /** About how many there are. */
  readonly total: number
  /** Differences so far. */
  readonly differences: number
  /** Where a later verification can continue: everything before is compared and judged. */
  readonly position?: VerifyPosition
}

const mostDifferences = 1_000

/** Collects the results of a verification. */
export class ReportBuilder {
  readonly #startedAtMs = performance.now()
  readonly #counts: Record<DifferenceKind, number> = { missing: 0, stale: 0, orphaned: 0, duplicate: 0 }
  readonly #differences: Difference[] = []
  readonly done: Record<VerifyPhase, number> = { documents: 0, records: 0 }
  #healed = 0
  unbuildable = 0
  unsettled = 0

  /** The number of differences so far. */
  get differences(): number {
    return Object.values(this.#counts).reduce((sum, count) => sum + count, 0)
  }

  add(difference: Difference): void {
    this.#counts[difference.kind]++
    if (difference.healed === true) this.#healed++
    if (this.#differences.length < mostDifferences) this.#differences.push(difference)
  }

  build(index: string): VerifyReport {
    return {
      index,
      ...this.done,
      ...this.#counts,
      healed: this.#healed,
      unbuildable: this.unbuildable,
      unsettled: this.unsettled,
      differences: this.#differences,
      durationMs: Math.round(performance.now() - this.#startedAtMs),
    }
  }
}
