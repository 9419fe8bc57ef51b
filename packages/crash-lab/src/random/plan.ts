import { faultPoints } from '../harness/fault-points.ts'
import type { FaultPoint } from '../harness/fault-points.ts'
import { roleNames } from '../harness/settings.ts'
import type { RoleName } from '../harness/settings.ts'
import { pointNames } from '../matrix/points.ts'
import { derivedSeed, Random } from '../writes/random.ts'
import type { WritePath } from '../writes/write.ts'

/** The events of one round. */
export interface Plan {
  /** Killed at a fault point or at some moment. */
  readonly victim: RoleName
  readonly trigger: Trigger
  /** Killed at the same time, in one of four rounds. */
  readonly alsoKilled?: RoleName
  readonly writes: readonly { readonly path: WritePath; readonly seed: number }[]
}

type Trigger =
  | { readonly kind: 'point'; readonly point: FaultPoint; readonly hits: number }
  | { readonly kind: 'moment'; readonly afterMs: number }

/** Every kind of write that can be repeated. */
export const randomPaths: readonly WritePath[] = [
  'create',
  'save',
  'move',
  'destroy',
  'increment',
  'upsert',
  'findOrCreate',
  'bulkCreate',
  'bulkCreate, updating',
  'Model.update',
  'Model.destroy',
  'transaction',
  'savepoints',
  'raw SQL',
  'country.save',
  'Country.update',
  'Country.upsert',
  'Country.bulkCreate',
  'country in a transaction',
  'country with its cities',
]

/** Plans a round. The plan depends only on the seed and the round's number, not on earlier rounds. */
export function planRound(seed: number, round: number): Plan {
  const random = new Random(derivedSeed(seed, round))
  const victim = random.pick(roleNames)
  const others = roleNames.filter((name) => name !== victim)
  const trigger: Trigger =
    random.next() < 0.75
      ? { kind: 'point', point: random.pick<FaultPoint>(faultPoints[victim]), hits: random.between(1, 3) }
      : { kind: 'moment', afterMs: random.between(0, 400) }
  const alsoKilled = random.next() < 0.25 ? { alsoKilled: random.pick(others) } : {}
  const count = random.between(10, 30)
  const writes = Array.from({ length: count }, () => ({
    path: random.pick(randomPaths),
    seed: random.seed(),
  }))
  return { victim, trigger, ...alsoKilled, writes }
}

/** Describes in words where the victim is killed. */
export function describeTrigger(trigger: Trigger): string {
  if (trigger.kind === 'moment') return `after ${trigger.afterMs} ms`
  return trigger.hits === 1 ? pointNames[trigger.point] : `${pointNames[trigger.point]}, time ${trigger.hits}`
}
