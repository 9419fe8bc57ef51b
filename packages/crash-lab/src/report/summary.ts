import type { CellResult, Passed } from '../matrix/cell.ts'

/** Formats percentiles of the times of all cells that passed, and how many of them took no longer than a delay. */
export function timings(results: readonly CellResult[], delayMs: number): string {
  const passed = results.flatMap((result) => result.passed ?? [])
  const line = (what: string, of: (each: Passed) => number): string => {
    const sorted = passed.map(of).toSorted((a, b) => a - b)
    const at = (part: number): string =>
      String(Math.round(sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN))
    return `${what}: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`
  }
  const inTime = passed.filter(({ convergeMs }) => convergeMs <= delayMs).length
  return [
    line('All processes back', ({ restartMs }) => restartMs),
    line('Converged after that', ({ convergeMs }) => convergeMs),
    `Within one delay period, of ${delayMs} ms: ${inTime} of ${passed.length}`,
  ].join('\n')
}

/** The parameters that repeat the random rounds. */
export interface Repetition {
  readonly seed: number
  readonly rounds: number
}

/** Formats all known details of each failure, and the command that repeats it. */
export function failures(results: readonly CellResult[], { seed, rounds }: Repetition): string {
  return results
    .flatMap(({ cell, failed }) => {
      if (failed === undefined) return []
      const again = `npm run crash-matrix -- --seed ${seed} --rounds ${rounds} --only '^${cell.name}$'`
      return [`FAILED ${cell.name}\n${failed.reason}\n${failed.details}\nAgain: ${again}\n`]
    })
    .join('\n')
}

/** Formats the last line of the output. */
export function verdict(results: readonly CellResult[]): string {
  const passed = results.filter((result) => result.passed !== undefined).length
  return `${passed} passed, ${results.length - passed} failed`
}
