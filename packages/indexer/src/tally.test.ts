import { expect, test } from 'vitest'
import type { Operation } from './operation.ts'
import { tally } from './tally.ts'

const operation = (id: string, kind: Operation['kind']): Operation => ({
  entry: { id, payload: { id }, messages: [] },
  kind,
  versioned: true,
})

test('sorts entries by what became of them', () => {
  const operations = [
    operation('1', 'index'),
    operation('2', 'delete'),
    operation('3', 'index'),
    operation('4', 'index'),
    operation('5', 'delete'),
    operation('6', 'index'),
  ]
  const { rejected, reason, ...lists } = tally(operations, [
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
