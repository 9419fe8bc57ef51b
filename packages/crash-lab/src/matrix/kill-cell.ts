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
  /** The process is killed when it passes the point for this time. @defaultValue 1 */
  readonly hits?: number
  /** What the place is called, if not as the point. */
  readonly where?: string
  readonly fixture?: Fixture
  /** How long the healing may take, besides the delay. */
  readonly workMs?: number
}

/** How long it may take, besides the delay, until the process comes to the point. */
const patienceMs = 20_000

/** Different paths write different values: cells that share their rows must see a change each. */
function seedOf(path: WritePath): number {
  return derivedSeed(Object.keys(writePaths).indexOf(path), 0)
}

/** One write, and one process that is killed at one point because of it. */
export function killCell(kill: Kill): Cell {
  const { role, point, path, where = pointNames[point], fixture = 'seed' } = kill
  return {
    name: [role, fixture === 'seed' ? point : `fan-out ${point}`, path].join('/'),
    victim: role,
    where,
    writes: path,
    fixture,
    run: (world, base) => run(kill, world, base),
  }
}

async function run({ role, point, path, hits, workMs }: Kill, world: World, base: number): Promise<Passed> {
  if (role === 'writer' && point.endsWith('in-flight')) await warmUp(world, base)
  const before = await world.rows()
  const victim = world.role(role)
  const { reached } = await victim.arm(point, hits)
  const writing = world.writeSurely({ path, base, seed: seedOf(path) })
  writing.catch(() => undefined)
  await timely(reached, world.settings.delayMs + patienceMs, `The ${role} did not come to ${point}`)
  await victim.kill()
  await writing
  const committed = !isDeepStrictEqual(before, await world.rows())
  const expected = isCommittedAt(point) ?? committed
  if (committed !== expected)
    throw new Failure(`The transaction is ${committed ? '' : 'not '}committed, and should be otherwise`)
  const convergence = await heal(world, workMs)
  return { ...convergence, outcome: committed ? 'committed' : 'rolled back' }
}

/** A new writer connects to Kafka first: then nothing would be in flight yet. */
async function warmUp(world: World, base: number): Promise<void> {
  await world.writeSurely({ path: 'save', base, seed: 0 })
}
