import type { Stage } from './harness/stage.ts'

/** What a ratio must reach, or must not exceed. */
export type Bound = { readonly atLeast: number } | { readonly atMost: number }

/** What was measured in one run, in the unit of the case. */
export interface Sample {
  readonly case: string
  readonly ours: number
  /** Null where there is nothing to compare with: then the bound is one of `ours`. */
  readonly baseline: number | null
}

export interface BenchmarkCase {
  readonly name: string
  readonly unit: string
  readonly bound: Bound
}

/** One row of the table, with its cases. */
export interface Benchmark {
  readonly name: string
  /** What is done, and what it is compared with. */
  readonly what: string
  readonly cases: readonly BenchmarkCase[]
  /** Run only when it is named. @defaultValue false */
  readonly onRequest?: boolean
  /** Settings of PostgreSQL that it needs, if the database is started for this run. @defaultValue none */
  readonly databaseSettings?: Readonly<Record<string, string>>
  /** Does all runs, and yields what each has measured. */
  run(stage: Stage): AsyncIterable<Sample>
}
