import { sleep } from '@kt/core'
import type { Stage } from '../scenario.ts'

/** A disturbance: `take` something away, wait for as long as the outage lasts, and `giveBack`. */
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

/** A disturbance that is repeated for as long as the outage lasts. */
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
