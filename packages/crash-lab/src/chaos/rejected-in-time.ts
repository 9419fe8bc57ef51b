import { isDeepStrictEqual } from 'node:util'
import { sleep } from '@kt/core/internal'
import { Failure } from '../matrix/cell.ts'
import { producerTimeoutMs } from '../roles/connections.ts'
import { probeBase, isWithin } from './blocks.ts'
import { rejectionOf } from './rejections.ts'
import type { Stage } from './scenario.ts'

/** Wait after Kafka has gone. Pending requests have been answered by then, or never will be. */
const afterMs = 500

/** Allowance for a busy machine. */
const slackMs = 2_000

/** Checks that a write without Kafka is rejected within the producer's timeout, with our code, and is rolled back. */
export async function rejectsInTime({ world }: Stage): Promise<void> {
  await sleep(afterMs)
  const before = await rowsOf(world)
  const startedAt = performance.now()
  const outcome = await world.write({ path: 'Model.update', base: probeBase, seed: 2 })
  const ms = Math.round(performance.now() - startedAt)
  const became = outcome.kind === 'rejected' ? rejectionOf(outcome.reason) : outcome.kind
  if (became !== 'KT_DELAY_NOT_ACKNOWLEDGED') throw new Failure(`A write without Kafka: ${became}`)
  const limitMs = producerTimeoutMs(world.settings) + slackMs
  if (ms > limitMs) throw new Failure(`A write without Kafka rejected after ${ms} ms instead of ${limitMs}`)
  if (!isDeepStrictEqual(await rowsOf(world), before))
    throw new Failure('A rejected write was not rolled back')
}

async function rowsOf(world: Stage['world']): Promise<readonly object[]> {
  const { cities } = await world.rows()
  return [...cities].filter(([id]) => isWithin([probeBase], id)).map(([, row]) => row)
}
