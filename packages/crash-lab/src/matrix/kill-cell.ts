import { isDeepStrictEqual } from 'node:util'
import type { FaultPoint } from '../harness/fault-points.ts'
import type { RoleName } from '../harness/settings.ts'
import type { World } from '../harness/world.ts'
import { derivedSeed } from '../writes/random.ts'
import { writePaths } from '../writes/write-paths.ts'
import type { WritePath } from '../writes/write.ts'
import { Failure } from './cell.ts'
import type { Cell, Fixture, Passed } from './cell.ts'
import { heal } from './heal.ts'
import { isCommittedAt, pointNames } from './points.ts'
import { timely } from './timely.ts'

export interface Kill {
  readonly role: RoleName
  readonly point: FaultPoint
  readonly path: WritePath
  /** Which pass of the point kills the process. @defaultValue 1 */
  readonly hits?: number
  /** Kills the writer first, so that only the delay message can repair the loss. @defaultValue false */
  readonly instantLost?: boolean
  /** Describes the place. @defaultValue the point's description */
  readonly where?: string
  readonly fixture?: Fixture
  /** Time allowed for the recovery, in addition to the delay. */
  readonly workMs?: number
}

/** Time allowed for the process to reach the point, in addition to the delay. */
const patienceMs = 20_000

/** Makes different paths write different values, so that cells that share rows each see a change. */
function seedOf(path: WritePath): number {
  return derivedSeed(Object.keys(writePaths).indexOf(path), 0)
}

/** Builds a cell with one write and one process that is killed at one point because of it. */
export function killCell(kill: Kill): Cell {
  const { role, point, path, instantLost = false, where = pointNames[point], fixture = 'seed' } = kill
  const victim = instantLost ? `writer, then ${role}` : role
  const group = `${victim}/${fixture === 'seed' ? '' : 'fan-out '}${point}`
  const run = async (world: World, base: number): Promise<Passed> => {
    if (role === 'writer' && point.endsWith('in-flight')) await warmUp(world, base)
    const before = await world.rows()
    await (instantLost ? killBoth(kill, world, base) : killAt(kill, world, base))
    const committed = !isDeepStrictEqual(before, await world.rows())
    const expected = isCommittedAt(point) ?? committed
    if (committed !== expected)
      throw new Failure(`The transaction is ${committed ? '' : 'not '}committed, and should be otherwise`)
    const convergence = await heal(world, kill.workMs)
    return { ...convergence, outcome: committed ? 'committed' : 'rolled back' }
  }
  return { name: `${group}/${path}`, group, victim, where, writes: path, fixture, run }
}

async function killAt({ role, point, path, hits }: Kill, world: World, base: number): Promise<void> {
  const victim = world.role(role)
  const { reached } = await victim.arm(point, hits)
  const writing = world.writeSurely({ path, base, seed: seedOf(path) })
  writing.catch(() => undefined)
  await timely(reached, world.settings.delayMs + patienceMs, `The ${role} did not come to ${point}`)
  await victim.kill()
  await writing
}

/** Kills the writer after COMMIT, and then the other process while it handles the delay message. */
async function killBoth(kill: Kill, world: World, base: number): Promise<void> {
  const { role, point, path, hits } = kill
  const victim = world.role(role)
  const { reached } = await victim.arm(point, hits)
  await killAt({ role: 'writer', point: 'commit.after', path }, world, base)
  await timely(reached, world.settings.delayMs + patienceMs, `The ${role} did not come to ${point}`)
  await victim.kill()
}

/** Makes a new writer connect to Kafka first. Otherwise nothing would be in flight yet. */
async function warmUp(world: World, base: number): Promise<void> {
  await world.writeSurely({ path: 'save', base, seed: 0 })
}
