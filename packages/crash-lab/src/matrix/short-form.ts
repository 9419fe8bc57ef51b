import { matrixCells } from './cells.ts'
import type { Cell } from './cell.ts'
import { roundCell } from '../random/round.ts'

const rounds = 4

/** Each kill point once, and a few random rounds: little enough for every run of the tests. */
export function shortForm(seed: number): Cell[] {
  const firstOfEach = new Map(
    matrixCells()
      .toReversed()
      .map((cell) => [`${cell.victim} ${cell.where}`, cell]),
  )
  const random = Array.from({ length: rounds }, (_, index) => roundCell(seed, index + 1))
  return [...[...firstOfEach.values()].toReversed(), ...random]
}
