import { blockSize } from '../writes/block.ts'

const perHalf = 8

function basesFrom(first: number): number[] {
  return Array.from({ length: perHalf }, (_, index) => first + index * blockSize)
}

/** Written to until the service is back: these must converge, while the load goes on elsewhere. */
export const basesBefore = basesFrom(1_000)

/** Written to from then on. */
export const basesAfter = basesFrom(3_000)

/** Out of the load's reach: for single writes that are looked at closely. */
export const probeBase = 5_000

/** Whether an id belongs to one of the blocks. */
export function isWithin(bases: readonly number[], id: string): boolean {
  return bases.includes(Number(id) - (Number(id) % blockSize))
}
