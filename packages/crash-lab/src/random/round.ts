import { sleep } from '@kt/core/internal'
import { gate } from 'testkit'
import type { Gate } from 'testkit'
import type { World, WriteOutcome } from '../harness/world.ts'
import type { Cell, Passed } from '../matrix/cell.ts'
import { heal } from '../matrix/heal.ts'
import { describeTrigger, planRound } from './plan.ts'
import type { Plan } from './plan.ts'

/** Number of concurrent writes. */
const concurrency = 3

/** How long a victim may take to reach its point after the last write. The delayer's delay is added. */
const patienceMs = 500

/** Builds a cell of random writes with a random kill among them. */
export function roundCell(seed: number, round: number): Cell {
  const plan = planRound(seed, round)
  return {
    name: `round/${round}`,
    group: 'round',
    victim: plan.alsoKilled === undefined ? plan.victim : `${plan.victim} and ${plan.alsoKilled}`,
    where: describeTrigger(plan.trigger),
    writes: `${plan.writes.length} at random`,
    fixture: 'seed',
    run: (world, base) => run(plan, world, base),
  }
}

async function run(plan: Plan, world: World, base: number): Promise<Passed> {
  const replaced = gate()
  const ready = await arm(plan, world)
  const writing = writeAll(plan, world, base, replaced)
  try {
    const there = await ready(writing)
    const victims = [plan.victim, ...(plan.alsoKilled === undefined ? [] : [plan.alsoKilled])]
    await Promise.all(victims.map((role) => world.role(role).kill()))
    const killedAt = performance.now()
    await world.restart()
    const restartMs = performance.now() - killedAt
    replaced.open()
    const outcomes = await writing
    return { ...(await heal(world)), restartMs, outcome: summary(outcomes, there) }
  } finally {
    replaced.open()
  }
}

/** @returns a promise to wait for before the kill; it resolves with whether the victim reached its point */
async function arm(
  { victim, trigger }: Plan,
  world: World,
): Promise<(writing: Promise<unknown>) => Promise<boolean>> {
  if (trigger.kind === 'moment')
    return async () => {
      await sleep(trigger.afterMs)
      return true
    }
  const { reached } = await world.role(victim).arm(trigger.point, trigger.hits)
  const delayMs = victim === 'delayer' ? world.settings.delayMs : 0
  return (writing) => {
    const late = writing.then(() => sleep(patienceMs + delayMs)).then(() => false)
    return Promise.race([reached.then(() => true), late])
  }
}

async function writeAll(
  { writes }: Plan,
  world: World,
  base: number,
  replaced: Gate,
): Promise<readonly WriteOutcome[]> {
  const left = [...writes]
  const outcomes: WriteOutcome[] = []
  const work = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      outcomes.push(await world.write({ ...next, base }))
      if (world.role('writer').hasEnded) await replaced.opened
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work))
  return outcomes
}

function summary(outcomes: readonly WriteOutcome[], there: boolean): string {
  const count = (kind: WriteOutcome['kind']): number => outcomes.filter((each) => each.kind === kind).length
  const counts = [`${count('done')} written`]
  if (count('rejected') > 0) counts.push(`${count('rejected')} rejected`)
  if (count('cut off') > 0) counts.push(`${count('cut off')} cut off`)
  // It never reached its point and was killed wherever it was.
  if (!there) counts.push('killed late')
  return counts.join(', ')
}
