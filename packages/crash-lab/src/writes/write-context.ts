import type { UpdateStreamer } from '@kt/sequelize-stream'
import type { Sequelize } from 'sequelize'
import type { Random } from './random.ts'

/** What a write has to do with. */
export interface WriteContext {
  readonly sequelize: Sequelize
  readonly updateStreamer: UpdateStreamer
  /** The first id of the block that it keeps to. */
  readonly base: number
  readonly random: Random
}
