import type { Benchmark, BenchmarkCase, Sample } from '../benchmark.ts'
import { median } from '../harness/statistics.ts'

/** The medians of one case, as `--json` writes them. */
interface Result {
  readonly name: string
  readonly case: string
  readonly ours: number
  readonly baseline: number | null
  /** `ours / baseline`, or null without a baseline. */
  readonly ratio: number | null
  readonly unit: string
  readonly runs: number
}

/** The result of a case, and whether it meets the bound. */
export interface JudgedResult {
  readonly result: Result
  readonly case: BenchmarkCase
  readonly reached: boolean
}

export function judge(benchmark: Benchmark, samples: readonly Sample[]): JudgedResult[] {
  return benchmark.cases.flatMap((each) => {
    const own = samples.filter((sample) => sample.case === each.name)
    if (own.length === 0) return []
    const ours = median(own.map((sample) => sample.ours))
    const baselines = own.map((sample) => sample.baseline).filter((value) => value !== null)
    const baseline = baselines.length === 0 ? null : median(baselines)
    const ratio = baseline === null ? null : ours / baseline
    const result = {
      name: benchmark.name,
      case: each.name,
      ours,
      baseline,
      ratio,
      unit: each.unit,
      runs: own.length,
    }
    return [{ result, case: each, reached: isReached(each, ratio ?? ours) }]
  })
}

function isReached({ bound }: BenchmarkCase, value: number): boolean {
  return 'atLeast' in bound ? value >= bound.atLeast : value <= bound.atMost
}
