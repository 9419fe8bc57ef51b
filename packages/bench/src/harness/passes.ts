import { median } from './statistics.ts'

/** Long-running workers are fully compiled, so the first passes are warm-up. */
const warmUps = 2
/** A pass takes only two or three seconds and is easily disturbed, so several count. */
const counted = 5

/** How often a process does the same work. */
export const passes = warmUps + counted

/** Returns the usual time of a pass from the times of all passes. */
export function usualPass(ms: readonly number[]): number {
  return median(ms.slice(warmUps))
}
