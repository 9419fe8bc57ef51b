import type { Convergence, World } from '../harness/world.ts'

/** What a cell begins with: a block of ids with a few rows, or one with a country of 10,000 cities. */
export type Fixture = 'seed' | 'seed fan-out'

/** One experiment: something is killed somewhere, and all must be well again by itself. */
export interface Cell {
  /** Such as `writer/commit.after/save`; `--only` looks for it. */
  readonly name: string
  /** What it has in common with others, that only differ in what they write. */
  readonly group: string
  /** Which process is killed, or frozen. */
  readonly victim: string
  /** Where, in words. */
  readonly where: string
  /** What is being written meanwhile. */
  readonly writes: string
  readonly fixture: Fixture
  /** @throws Failure, or any error: something is not as it should be */
  run(world: World, base: number): Promise<Passed>
}

export interface Passed extends Convergence {
  /** What became of the writes. */
  readonly outcome: string
}

export interface CellResult {
  readonly cell: Cell
  readonly passed?: Passed
  readonly failed?: Failed
}

export interface Failed {
  readonly reason: string
  /** What helps to find out why. */
  readonly details: string
}

/** Something is not as it should be. */
export class Failure extends Error {
  override readonly name = 'Failure'
}
