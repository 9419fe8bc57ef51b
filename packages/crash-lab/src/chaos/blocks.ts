import { blockSize } from '../writes/block.ts'

const perHalf = 8

function basesFrom(first: number): number[] {
  return Array.from({ length: perHalf }, (_, index) => first + index * blockSize)
}

/** The load writes to these until the service is back. They must converge while the load goes on in other blocks. */
export const basesBefore = basesFrom(1_000)

/** The load writes to these after the service is back. */
export const basesAfter = basesFrom(3_000)

/** Never used by the load. For single writes that a scenario checks closely. */
export const probeBase = 5_000

/** Returns whether an id belongs to one of the blocks. */
export function isWithin(bases: readonly number[], id: string): boolean {
  return bases.includes(Number(id) - (Number(id) % blockSize))
}
