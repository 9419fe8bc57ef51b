import { describe, expect, it } from 'vitest'
import { assignPartitions } from './assign-partitions.ts'
import type { Member } from './assign-partitions.ts'

const topic = 'cities'
const four = new Map([[topic, [0, 1, 2, 3]]])

function member(memberId: string, more: Partial<Member> = {}): Member {
  return { memberId, topics: [topic], owned: {}, ...more }
}

function of(members: readonly Member[], partitions = four): Record<string, number[] | undefined> {
  const assignment = assignPartitions(members, partitions)
  return Object.fromEntries(
    [...assignment].map(([id, topics]) => [id, topics[topic]?.toSorted((a, b) => a - b)]),
  )
}

describe('assignPartitions', () => {
  it('gives one member everything', () => {
    expect(of([member('a')])).toEqual({ a: [0, 1, 2, 3] })
  })

  it('shares evenly, every partition exactly once', () => {
    const shares = of([member('a'), member('b'), member('c')])
    expect(Object.values(shares).map((share) => share?.length)).toEqual([2, 1, 1])
    expect(
      Object.values(shares)
        .flat()
        .toSorted((a = 0, b = 0) => a - b),
    ).toEqual([0, 1, 2, 3])
  })

  it('lets owners keep what they have when a newcomer joins', () => {
    const shares = of([member('b', { owned: { [topic]: [0, 1, 2, 3] } }), member('a')])
    expect(shares).toEqual({ a: [2, 3], b: [0, 1] })
  })

  it('moves nothing when the shares are already even', () => {
    const shares = of([
      member('a', { owned: { [topic]: [1] } }),
      member('b', { owned: { [topic]: [0, 2, 3] } }),
    ])
    expect(shares).toEqual({ a: [1, 3], b: [0, 2] })
  })

  it('leaves surplus members without partitions', () => {
    const shares = of([member('a'), member('b')], new Map([[topic, [0]]]))
    expect(Object.values(shares).filter((share) => share !== undefined)).toEqual([[0]])
  })

  it('lets the owner of a requested partition keep it, with the other as standby', () => {
    const active = member('z', { partition: 1, owned: { [topic]: [1] } })
    expect(of([member('a', { partition: 1 }), active])).toEqual({ a: undefined, z: [1] })
  })

  it('gives a requested partition to the standby once its owner has left', () => {
    expect(of([member('a', { partition: 1 })])).toEqual({ a: [1] })
  })

  it('shares only partitions that no member asked for', () => {
    expect(of([member('a', { partition: 2 }), member('b')])).toEqual({ a: [2], b: [0, 1, 3] })
  })

  it('does not assign a partition that no member wants or shares', () => {
    expect(of([member('a', { partition: 2 })])).toEqual({ a: [2] })
  })

  it('gives a member only topics to which it subscribes', () => {
    const both = new Map([
      ['cities', [0, 1]],
      ['countries', [0, 1]],
    ])
    const assignment = assignPartitions([member('a'), member('b', { topics: ['countries'] })], both)
    expect(assignment.get('a')).toEqual({ cities: [0, 1] })
    expect(assignment.get('b')).toEqual({ countries: [0, 1] })
  })

  it('does not depend on the order of the members', () => {
    const members = [member('a'), member('b', { partition: 3 }), member('c', { owned: { [topic]: [0] } })]
    expect(of(members.toReversed())).toEqual(of(members))
  })
})
