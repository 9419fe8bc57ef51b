/**
 * The steps of `ensure`, in their order:
 * - `waiting`: another process works on the generation.
 * - `filling`: the records are indexed.
 * - `catching-up`: the Indexer handles the changes meanwhile.
 * - `comparing`: every document is compared with its record.
 * - `switching`: the alias is given to the generation.
 */
export type ReindexStep = 'waiting' | 'filling' | 'catching-up' | 'comparing' | 'switching'

export interface ReindexProgress {
  readonly step: ReindexStep
  /** The name of the generation's index. */
  readonly generation: string
  /** How many records of this step are done. */
  readonly done?: number
  /** About how many there are, if known. */
  readonly total?: number
  /** The records per second of this step. */
  readonly perSecond?: number
  /** About how long this step still takes, in milliseconds. */
  readonly remainingMs?: number
}

/** Measures the rate of a step. */
export class StepProgress {
  readonly #startedAtMs = performance.now()
  readonly #from: number
  done: number
  total: number | undefined

  /** @param from how many records an earlier process has done */
  constructor(from = 0) {
    this.#from = from
    this.done = from
  }

  get report(): Pick<ReindexProgress, 'done' | 'total' | 'perSecond' | 'remainingMs'> {
    const { done, total } = this
    const seconds = (performance.now() - this.#startedAtMs) / 1_000
    const perSecond = Math.round((done - this.#from) / Math.max(seconds, 0.001))
    if (total === undefined) return { done, perSecond }
    const remaining = Math.max(0, total - done)
    return {
      done,
      total: Math.max(done, total),
      perSecond,
      ...(perSecond > 0 && { remainingMs: Math.round((remaining / perSecond) * 1_000) }),
    }
  }
}
