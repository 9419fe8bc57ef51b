import { associationWrites } from './association-writes.ts'
import { bulkWrites } from './bulk-writes.ts'
import { failingWrites } from './failing-writes.ts'
import { recordWrites } from './record-writes.ts'
import { seedWrites } from './seed-writes.ts'
import type { Write } from './write.ts'

/** Every way to write, in an order in which each finds the records that it needs. */
export const allWrites: readonly Write[] = [
  ...seedWrites,
  ...recordWrites,
  ...bulkWrites,
  ...associationWrites,
  ...failingWrites,
]

/** The writes that are repeated in transactions passed by CLS. */
export const clsWrites: readonly Write[] = [
  ...seedWrites,
  ...recordWrites.slice(0, 8),
  ...bulkWrites.slice(0, 5),
]
