import { isDeepStrictEqual } from 'node:util'
import { sleep } from '@kt/core/internal'
import type { FaultPoint } from '../harness/fault-points.ts'
import type { World } from '../harness/world.ts'
import type { WritePath } from '../writes/write.ts'
import type { Cell, Passed } from './cell.ts'
import { heal } from './heal.ts'
import { pointNames } from './points.ts'
import { timely } from './timely.ts'

/** How much longer than the delay the writer is frozen, so that its delay message has been read. */
const longerMs = 1_000

const patienceMs = 20_000

/**
 * The writer freezes before COMMIT for so long that its delay message comes due too early. Then it goes on, and is
 * killed before its instant message. If its transaction could still commit, no message would report the change.
 */
export function frozenCell(point: FaultPoint<'writer'>, path: WritePath): Cell {
  const group = `frozen writer/${point}`
  return {
    name: `${group}/${path}`,
    group,
    victim: 'writer, frozen first',
    where: pointNames[point],
    writes: path,
    fixture: 'seed',
    run: (world, base) => run(point, path, world, base),
  }
}

async function run(
  point: FaultPoint<'writer'>,
  path: WritePath,
  world: World,
  base: number,
): Promise<Passed> {
  const before = await world.rows()
  const writer = world.role('writer')
  const { reached } = await writer.arm(point)
  const writing = world.write({ path, base, seed: 1 })
  await timely(reached, patienceMs, `The writer did not come to ${point}`)
  writer.freeze()
  // It receives this request first when it goes on.
  const rearmed = writer.arm('commit.after')
  const released = writer.ask({ type: 'release' })
  await sleep(world.settings.delayMs + longerMs)
  writer.thaw()
  await released
  const committing = rearmed.then((armed) => armed.reached)
  await timely(Promise.race([committing, writing]), patienceMs, 'The writer did not go on')
  await writer.kill()
  const committed = !isDeepStrictEqual(before, await world.rows())
  const convergence = await heal(world)
  return { ...convergence, outcome: committed ? 'committed late' : 'rolled back' }
}
