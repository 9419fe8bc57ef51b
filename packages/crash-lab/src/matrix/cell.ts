import type { Convergence, World } from '../harness/world.ts'

/** The initial rows of a cell: a block of ids with a few rows, or a block with one country of 10,000 cities. */
export type Fixture = 'seed' | 'seed fan-out'

/** One experiment: something is killed somewhere, and the world must recover by itself. */
export interface Cell {
  /** For example `writer/commit.after/save`. `--only` matches this name. */
  readonly name: string
  /** Shared by cells that only differ in what they write. */
  readonly group: string
  /** The process that is killed or frozen. */
  readonly victim: string
  /** The place of the kill, in words. */
  readonly where: string
  /** The write that is made meanwhile. */
  readonly writes: string
  readonly fixture: Fixture
  /** @throws Failure, or any other error, if a check fails */
  run(world: World, base: number): Promise<Passed>
}

export interface Passed extends Convergence {
  /** Results of the writes. */
  readonly outcome: string
}

export interface CellResult {
  readonly cell: Cell
  readonly passed?: Passed
  readonly failed?: Failed
}

export interface Failed {
  readonly reason: string
  /** Information for finding the cause. */
  readonly details: string
}

/** A failed check. */
export class Failure extends Error {
  override readonly name = 'Failure'
}
