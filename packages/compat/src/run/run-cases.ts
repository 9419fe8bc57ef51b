import type { Case } from '../cases/case.ts'
import type { Tarballs } from './pack.ts'
import { runCase } from './run-case.ts'
import type { CaseResult } from './run-case.ts'

export interface RunCasesOptions {
  readonly tarballs: Tarballs
  /** Number of parallel cases. */
  readonly lanes: number
  readonly signal: AbortSignal
  readonly onResult: (result: CaseResult) => void
}

/** Runs all cases, and continues after a failure. Resolves with the results in the order of the cases. */
export async function runCases(cases: readonly Case[], options: RunCasesOptions): Promise<CaseResult[]> {
  const waiting = [...cases]
  const results = new Map<Case, CaseResult>()
  const lane = async (): Promise<void> => {
    for (let each = waiting.shift(); each !== undefined; each = waiting.shift()) {
      if (options.signal.aborted) return
      const result = await runCase(each, options)
      // An interrupted case has no result.
      if (options.signal.aborted) return
      results.set(each, result)
      options.onResult(result)
    }
  }
  await Promise.all(Array.from({ length: options.lanes }, lane))
  return cases.flatMap((each) => results.get(each) ?? [])
}
