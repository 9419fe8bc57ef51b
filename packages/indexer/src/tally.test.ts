import { expect, test } from 'vitest'
import { tally } from './tally.ts'

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
  expect(Object.fromEntries(ids)).toEqual({ indexed: ['1'], deleted: ['2'], newer: ['3'], again: ['5', '6'] })
  expect(rejected.map(({ entry }) => entry.id)).toEqual(['4'])
  expect(rejected[0]?.reason).toMatchObject({ status: 400 })
  // No verdict is no success.
  expect(reason).toEqual({ kind: 'retry' })
})
