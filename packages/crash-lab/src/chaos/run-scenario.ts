import { errorFields } from '@kt/core'
import { sleep } from '@kt/core/internal'
import { waitFor } from 'testkit'
import type { Difference } from '../harness/differences.ts'
import type { RolePool } from '../harness/role-pool.ts'
import { roleNames } from '../harness/settings.ts'
import { World } from '../harness/world.ts'
import { Failure } from '../matrix/cell.ts'
import { describeDifferences } from '../matrix/heal.ts'
import { derivedSeed } from '../writes/random.ts'
import { basesAfter, basesBefore, isWithin, probeBase } from './blocks.ts'
import { countDeadLetters } from './dead-letters.ts'
import { Load } from './load.ts'
import { growth, isHoarding, measureMemories } from './memory.ts'
import type { Scenario, ScenarioResult, Stage } from './scenario.ts'
import type { ChaosServices } from './services.ts'

export interface ScenarioOptions {
  readonly services: ChaosServices
  readonly pool: RolePool
  readonly outageMs: number
  readonly delayMs: number
  readonly seed: number
}

/** How long the load runs before the disturbance, and at least how long it runs after the recovery. */
const calmMs = 3_000

/** How much longer than allowed to wait for convergence, to tell 'late' from 'never'. */
const hopeMs = 60_000

type Outcome = Omit<ScenarioResult, 'scenario' | 'what' | 'failed' | 'counts'>

/** Runs one scenario in a world of its own. Never rejects: failures are part of the result. */
export async function runScenario(scenario: Scenario, options: ScenarioOptions): Promise<ScenarioResult> {
  const { services, pool, delayMs, outageMs, seed } = options
  const common = { scenario, what: scenario.what(Math.round(outageMs / 1_000)) }
  let world: World | undefined
  let load: Load | undefined
  const counts = () => load?.counts ?? { done: 0, rejected: new Map<string, number>(), cutOff: 0 }
  try {
    await services.provide(scenario.kafka ?? 'single')
    world = await World.open({
      pool,
      delayMs,
      addresses: (own) => scenario.addresses?.(services, own) ?? {},
    })
    const stage: Stage = { services, world, pool, outageMs, counts }
    await seedBlocks(world)
    await scenario.prepare?.(stage)
    load = new Load(world, basesBefore, { seed, writesPerSecond: 30, mostAtOnce: 6 })
    return { ...common, ...(await perform(scenario, stage, load)), counts: counts() }
  } catch (error) {
    const reason = error instanceof Failure ? error.message : JSON.stringify(errorFields(error))
    return { ...common, counts: counts(), failed: { reason, details: world?.logs ?? '' } }
  } finally {
    await load?.stop().catch(() => undefined)
    await services.provide(scenario.kafka ?? 'single').catch(() => undefined)
    await world?.close().catch(() => undefined)
  }
}

async function seedBlocks(world: World): Promise<void> {
  for (const base of [...basesBefore, ...basesAfter, probeBase])
    await world.writeSurely({ path: 'seed', base, seed: derivedSeed(0, base) })
  await world.converge()
}

async function perform(scenario: Scenario, stage: Stage, load: Load): Promise<Outcome> {
  const { world } = stage
  load.start()
  await sleep(calmMs)
  const memoriesBefore = await measureMemories(world)
  await scenario.disturb(stage)
  const backAt = performance.now()
  const gone = roleNames.filter((name) => world.role(name).hasEnded)
  if (gone.length > 0 && scenario.kills !== true) throw new Failure(`Ended by themselves: ${gone.join(', ')}`)
  await world.restart()
  await load.moveTo(basesAfter)
  const convergedMs = await whenConverged(world, backAt, scenario.catchUpMs)
  await sleep(calmMs)
  await load.stop()
  await comeToRest(world)
  await scenario.conclude?.(stage)
  await compareAll(world)
  const indexedMs = await probe(world)
  const grown = growth(memoriesBefore, await measureMemories(world))
  if (isHoarding(grown)) throw new Failure(`A heap has grown by ${Math.round(grown.heap / 2 ** 20)} MB`)
  return { convergedMs, indexedMs, growth: grown }
}

/** Waits until everything written before the service was back is in the index, while the load goes on elsewhere. */
async function whenConverged(world: World, backAt: number, catchUpMs = 10_000): Promise<number> {
  const limitMs = world.settings.delayMs + catchUpMs
  let left: readonly Difference[] = []
  const isEqual = async (): Promise<boolean> => {
    left = (await world.differences()).filter(({ id }) => isWithin(basesBefore, id))
    return left.length === 0
  }
  await waitFor(isEqual, { timeoutMs: limitMs + hopeMs, intervalMs: 200 }).catch((error: unknown) => {
    if (left.length === 0) throw error
    throw new Failure(`Not converged: ${describeDifferences(left)}`)
  })
  const convergedMs = performance.now() - backAt
  if (convergedMs > limitMs)
    throw new Failure(`Converged, but in ${Math.round(convergedMs)} ms instead of ${limitMs}`)
  return convergedMs
}

/** Checks that no group has unread messages in any topic. Every worker must do its part for that. */
async function comeToRest(world: World): Promise<void> {
  await world.converge(world.settings.delayMs + hopeMs)
}

async function compareAll(world: World): Promise<void> {
  const found = await world.differences()
  if (found.length > 0) throw new Failure(`${found.length} differences: ${describeDifferences(found)}`)
  const dead = await countDeadLetters(world.settings)
  if (dead > 0) throw new Failure(`${dead} dead letters, and no document was bad`)
}

/** Checks that a change is indexed at once again, and not only when its delay message comes due. */
async function probe(world: World): Promise<number> {
  const startedAt = performance.now()
  for (const path of ['Model.update', 'country.save'] as const)
    await world.writeSurely({ path, base: probeBase, seed: 1 })
  await world.settleInstants()
  const ms = performance.now() - startedAt
  await compareAll(world)
  if (ms > world.settings.delayMs)
    throw new Failure(`Changes reach the index only after ${Math.round(ms)} ms`)
  return ms
}
