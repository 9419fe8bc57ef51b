import type { UpdateStreamer } from '@kt/sequelize-stream'
import type { Sequelize } from 'sequelize'
import type { Random } from './random.ts'

/** Everything a write works with. */
export interface WriteContext {
  readonly sequelize: Sequelize
  readonly updateStreamer: UpdateStreamer
  /** The first id of its block. It changes no other rows. */
  readonly base: number
  readonly random: Random
}
