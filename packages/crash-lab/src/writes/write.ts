import type { writePaths } from './write-paths.ts'

export type WritePath = keyof typeof writePaths

/** One write. The same write to the same rows is the same statement, because its seed chooses the changes. */
export interface Write {
  readonly path: WritePath
  /** The first id of its block. It changes no other rows. */
  readonly base: number
  readonly seed: number
}
