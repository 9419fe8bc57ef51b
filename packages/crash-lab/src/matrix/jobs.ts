import { blockSize } from '../writes/block.ts'
import type { Cell } from './cell.ts'

/** Cells that run one after the other in the same world. Each has its own block of ids. */
export interface Job {
  readonly cells: readonly Cell[]
}

/** More cells share the cost of a world, but make each full comparison larger. */
const mostCells = 25

/** Fan-out cells share one world, because their country has many cities. They come first, because they take longest. */
export function jobsOf(cells: readonly Cell[], lanes: number): Job[] {
  const plain = cells.filter(({ fixture }) => fixture === 'seed')
  const fanOuts = cells.filter(({ fixture }) => fixture === 'seed fan-out')
  const jobs: Job[] = fanOuts.length > 0 ? [{ cells: fanOuts }] : []
  const size = Math.min(mostCells, Math.ceil(plain.length / lanes))
  for (let first = 0; first < plain.length; first += size)
    jobs.push({ cells: plain.slice(first, first + size) })
  return jobs
}

/** Returns the first id of a cell's block. */
export function baseOf({ cells }: Job, cell: Cell): number {
  return cell.fixture === 'seed' ? (cells.indexOf(cell) + 1) * blockSize : blockSize
}
