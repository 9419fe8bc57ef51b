import { expect, test } from 'vitest'
import { tally } from './tally.ts'
import type { Settled } from './verdict.ts'

test('sorts entries by what became of them', () => {
  const kinds = ['index', 'delete', 'index', 'index', 'delete', 'index'] as const
  const lines = {
    entries: kinds.map((_, i) => ({ id: String(i + 1), payload: { id: i + 1 }, messages: [] })),
    actions: kinds.map((kind) => ({ kind, versioned: true })),
  }
  const { rejected, reason, ...lists } = tally(lines, [
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
    again: ['5', '6'],
  })
  expect(rejected.map(({ entry }) => entry.id)).toEqual(['4'])
  expect(rejected[0]?.reason).toMatchObject({ status: 400 })
  // No verdict is no success.
  expect(reason).toEqual({ kind: 'retry' })
})

test.each<[string, readonly Settled['kind'][], string]>([
  ['was deleted, or was not there', ['done', 'done'], 'indexed'],
  ['is newer, since it is the document itself', ['newer', 'done'], 'indexed'],
  ['could not be deleted yet', ['retry', 'done'], 'again'],
  ['could not be deleted yet, and another was', ['retry', 'done', 'done'], 'again'],
  ['can not be deleted', ['rejected', 'done'], 'rejected'],
  ['could not be deleted yet, and the document is refused', ['retry', 'rejected'], 'again'],
  ['was deleted, and the document is to be tried again', ['done', 'retry'], 'again'],
])('of a record whose old copy %s', (_, kinds, outcome) => {
  const entry = { id: '1', payload: { id: 1 }, messages: [] }
  const copy = { kind: 'delete', versioned: true, isCopy: true } as const
  const lines = {
    entries: kinds.map(() => entry),
    actions: kinds.map((__, i) =>
      i < kinds.length - 1 ? copy : ({ kind: 'index', versioned: true } as const),
    ),
  }
  const { reason: __, ...lists } = tally(
    lines,
    kinds.map((kind) => ({ kind })),
  )
  expect(Object.entries(lists).flatMap(([name, found]) => found.map(() => name))).toEqual([outcome])
})
