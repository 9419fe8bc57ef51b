import { blockSize } from '../writes/block.ts'
import type { Cell } from './cell.ts'

/** Cells that share a world, one after the other; each has a block of its own there. */
export interface Job {
  readonly cells: readonly Cell[]
}

/** More cells share the cost of a world, and make each full comparison larger. */
const mostCells = 25

/** Those that fan out share one world, for their country has many cities, and come first, for they take longest. */
export function jobsOf(cells: readonly Cell[], lanes: number): Job[] {
  const plain = cells.filter(({ fixture }) => fixture === 'seed')
  const fanOuts = cells.filter(({ fixture }) => fixture === 'seed fan-out')
  const jobs: Job[] = fanOuts.length > 0 ? [{ cells: fanOuts }] : []
  const size = Math.min(mostCells, Math.ceil(plain.length / lanes))
  for (let first = 0; first < plain.length; first += size)
    jobs.push({ cells: plain.slice(first, first + size) })
  return jobs
}

/** Where the block of a cell begins. */
export function baseOf({ cells }: Job, cell: Cell): number {
  return cell.fixture === 'seed' ? (cells.indexOf(cell) + 1) * blockSize : blockSize
}
