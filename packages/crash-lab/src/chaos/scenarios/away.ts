import { sleep } from '@kt/core/internal'
import type { Stage } from '../scenario.ts'

/** Builds a disturbance: `take` something away, wait for the length of the outage, and `giveBack`. */
export function away(
  take: (stage: Stage) => unknown,
  giveBack: (stage: Stage) => unknown,
  meanwhile: (stage: Stage) => Promise<void> = () => Promise.resolve(),
): (stage: Stage) => Promise<void> {
  return async (stage) => {
    await take(stage)
    await Promise.all([sleep(stage.outageMs), meanwhile(stage)])
    await giveBack(stage)
  }
}

/** Builds a disturbance that repeats for the length of the outage. */
export function again(
  everyMs: number,
  disturb: (stage: Stage, round: number) => unknown,
): (stage: Stage) => Promise<void> {
  return async (stage) => {
    const endAt = performance.now() + stage.outageMs
    for (let round = 0; performance.now() < endAt; round++) {
      await disturb(stage, round)
      await sleep(everyMs)
    }
  }
}
