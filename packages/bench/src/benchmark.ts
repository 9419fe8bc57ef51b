import type { Stage } from './harness/stage.ts'

/** A lower or upper bound for a ratio. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number }

/** Measurements of one run, in the unit of the case. */
export interface Sample {
  readonly case: string
  readonly ours: number
  /** Null if there is no baseline. The bound then applies to `ours`. */
  readonly baseline: number | null
}

export interface BenchmarkCase {
  readonly name: string
  readonly unit: string
  readonly bound: Bound
}

/** One benchmark of the table, with its cases. */
export interface Benchmark {
  readonly name: string
  /** Describes the work and the baseline. */
  readonly what: string
  readonly cases: readonly BenchmarkCase[]
  /** Runs only if requested by name. @defaultValue false */
  readonly onRequest?: boolean
  /** PostgreSQL settings that it needs, if the database is started for this run. @defaultValue none */
  readonly databaseSettings?: Readonly<Record<string, string>>
  /** Does all runs, and yields their measurements. */
  run(stage: Stage): AsyncIterable<Sample>
}
