import { expect, test } from 'vitest'
import { groupByOutcome } from './outcomes.ts'
import type { Resolution } from './classify.ts'

test('groups entries by outcome', () => {
  const kinds = ['index', 'delete', 'index', 'index', 'delete', 'index'] as const
  const lines = {
    entries: kinds.map((_, i) => ({ id: String(i + 1), payload: { id: i + 1 }, messages: [] })),
    actions: kinds.map((kind) => ({ kind, versioned: true })),
  }
  const { rejected, reason, ...lists } = groupByOutcome(lines, [
    { kind: 'done' },
    { kind: 'done' },
    { kind: 'newer' },
    { kind: 'rejected', status: 400 },
    { kind: 'retry', status: 429 },
  ])
  const ids = Object.entries(lists).map(([name, entries]) => [name, entries.map(({ id }) => id)])
  expect(Object.fromEntries(ids)).toEqual({
    indexed: ['1'],
    deleted: ['2'],
    newer: ['3'],
    retry: ['5', '6'],
  })
  expect(rejected.map(({ entry }) => entry.id)).toEqual(['4'])
  expect(rejected[0]?.reason).toMatchObject({ status: 400 })
  // An operation without a resolution has not succeeded.
  expect(reason).toEqual({ kind: 'retry' })
})

test.each<[string, readonly Resolution['kind'][], string]>([
  ['was deleted, or was not there', ['done', 'done'], 'indexed'],
  ['is newer, because it is the document itself', ['newer', 'done'], 'indexed'],
  ['could not be deleted yet', ['retry', 'done'], 'retry'],
  ['could not be deleted yet, and another was', ['retry', 'done', 'done'], 'retry'],
  ['can never be deleted', ['rejected', 'done'], 'rejected'],
  ['could not be deleted yet, and the document is rejected', ['retry', 'rejected'], 'retry'],
  ['was deleted, and the document is retried', ['done', 'retry'], 'retry'],
])('a record whose routing copy %s', (_, kinds, outcome) => {
  const entry = { id: '1', payload: { id: 1 }, messages: [] }
  const copy = { kind: 'delete', versioned: true, isCopy: true } as const
  const lines = {
    entries: kinds.map(() => entry),
    actions: kinds.map((__, i) =>
      i < kinds.length - 1 ? copy : ({ kind: 'index', versioned: true } as const),
    ),
  }
  const { reason: __, ...lists } = groupByOutcome(
    lines,
    kinds.map((kind) => ({ kind })),
  )
  expect(Object.entries(lists).flatMap(([name, found]) => found.map(() => name))).toEqual([outcome])
})
