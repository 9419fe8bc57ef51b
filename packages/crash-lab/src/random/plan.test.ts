import { expect, test } from 'vitest'
import { faultPoints } from '../harness/fault-points.ts'
import { planRound } from './plan.ts'

const plans = Array.from({ length: 400 }, (_, round) => planRound(1, round))

test('a round is the same for the same seed', () => {
  expect(planRound(1, 17)).toEqual(plans[17])
  expect(planRound(2, 17)).not.toEqual(plans[17])
})

test('every fault point and every write path occurs', () => {
  const points = plans.flatMap(({ trigger }) => (trigger.kind === 'point' ? trigger.point : []))
  expect(new Set(points)).toEqual(new Set(Object.values(faultPoints).flat()))
  expect(new Set(plans.flatMap(({ writes }) => writes.map(({ path }) => path))).size).toBe(20)
})

test('a fault point belongs to the process that is killed there', () => {
  for (const { victim, trigger, alsoKilled } of plans) {
    const points = trigger.kind === 'point' ? [trigger.point] : []
    expect(faultPoints[victim]).toEqual(expect.arrayContaining(points))
    expect(alsoKilled).not.toBe(victim)
  }
})
