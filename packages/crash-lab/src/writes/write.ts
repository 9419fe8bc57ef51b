import type { writePaths } from './write-paths.ts'

export type WritePath = keyof typeof writePaths

/** One write, such that the same write to the same rows is the same statement: its seed picks what it changes. */
export interface Write {
  readonly path: WritePath
  /** The first id of its block, out of which it does not reach. */
  readonly base: number
  readonly seed: number
}
