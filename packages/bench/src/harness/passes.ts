import { median } from './statistics.ts'

/** Workers that run all day have long been compiled. */
const warmUps = 2
/** One pass takes two or three seconds, in which much may come between. */
const counted = 5

/** How often a process does the same work. */
export const passes = warmUps + counted

/** What a pass takes, from what each took in turn. */
export function usualPass(ms: readonly number[]): number {
  return median(ms.slice(warmUps))
}
