import { strictCells } from './cells.ts'
import type { Cell } from './cell.ts'
import { roundCell } from '../random/round.ts'

const rounds = 2

/** A third of the kill points once each, spread over all processes, and a few random rounds: short enough for every test run. */
export function shortForm(seed: number): Cell[] {
  const seen = new Set<string>()
  const firsts = strictCells().filter(({ group }) => !seen.has(group) && seen.add(group))
  const random = Array.from({ length: rounds }, (_, index) => roundCell(seed, index + 1))
  return [...firsts.filter((_, index) => index % 3 === 0), ...random]
}
