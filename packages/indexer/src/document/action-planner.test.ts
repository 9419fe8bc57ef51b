import { toPayload } from '@kt/core/internal'
import type { JsonValue } from '@kt/core'
import { expect, test } from 'vitest'
import { ActionPlanner } from './action-planner.ts'
import type { ActionMetadata } from './action-metadata.ts'
import type { IndexDefinition } from './index-definition.ts'

interface Item {
  readonly shelfId: string | undefined
  readonly version?: number
}

const first = (value: JsonValue | undefined): string | undefined =>
  Array.isArray(value) ? (value[0] as string) : undefined

const items: IndexDefinition<Item> = {
  name: 'items',
  load: () => Promise.resolve([]),
  document: () => ({}),
  options: (subject, operation) => {
    if (operation === 'index') return { routing: subject.shelfId, version: subject.version }
    const { shelfId } = (subject['references'] ?? {}) as { readonly [name: string]: JsonValue }
    return { routing: first(shelfId) }
  },
}

const entry = (references?: JsonValue) => ({
  id: '1',
  payload: toPayload({ id: 1, ...(references !== undefined && { references }) }),
  messages: [],
})

const parse = ({ text }: ActionMetadata): unknown => JSON.parse(`{"_id":"1${text.trimEnd().slice(0, -1)}`)

function moveTo(
  shelfId: string | undefined,
  references: JsonValue | undefined,
  { found, ...item }: Partial<Item> & { readonly found?: readonly (string | undefined)[] } = {},
) {
  const planner = new ActionPlanner(items, 7, new Map(found && [['1', found]]))
  const { copies, main } = planner.index(entry(references), { shelfId, ...item })
  return { copies: copies.map(parse), main: parse(main) }
}

const below = { version: 6, version_type: 'external_gte' }

test('deletes the copy under the old routing of a record that moved', () => {
  expect(moveTo('south', { shelfId: ['north'] })).toEqual({
    // Below the version of the document, which would otherwise lose to it in the same shard.
    copies: [{ _id: '1', ...below, routing: 'north' }],
    main: { _id: '1', version: 7, version_type: 'external', routing: 'south' },
  })
})

test('deletes several copies of a record that moved several times', () => {
  const { copies } = moveTo('south', { ownerId: [1], shelfId: ['north', 'west', 'south'] })
  expect(copies).toEqual([
    { _id: '1', ...below, routing: 'north' },
    { _id: '1', ...below, routing: 'west' },
  ])
})

test.each<[string, string | undefined, JsonValue | undefined]>([
  ['did not move', 'south', undefined],
  ['moved back', 'south', { shelfId: ['south'] }],
  ['changed another attribute', 'south', { ownerId: [1, 2] }],
  ['has malformed references', 'south', { shelfId: 'north' }],
])('deletes nothing of a record that %s', (_, shelfId, references) => {
  expect(moveTo(shelfId, references).copies).toEqual([])
})

test('deletes the copy of a record that no longer has a routing', () => {
  expect(moveTo(undefined, { shelfId: ['north'] })).toEqual({
    copies: [{ _id: '1', ...below, routing: 'north' }],
    main: { _id: '1', version: 7, version_type: 'external' },
  })
})

test.each([
  ['under another routing', ['north', 'south'], [{ _id: '1', ...below, routing: 'north' }]],
  ['without a routing', [undefined], [{ _id: '1', ...below }]],
  ['where it belongs', ['south'], []],
])('deletes a document that was found %s, unless it belongs there', (_, found, copies) => {
  expect(moveTo('south', undefined, { found }).copies).toEqual(copies)
})

test('deletes a record without references where the search found it', () => {
  const { copies } = new ActionPlanner(items, 7, new Map([['1', ['north']]])).delete(entry())
  expect(copies.map(parse)).toEqual([{ _id: '1', ...below, routing: 'north' }])
})

test('leaves the routing to a pipeline', () => {
  const options = () => ({ pipeline: 'router' })
  const planner = new ActionPlanner({ ...items, options }, 7, new Map([['1', ['north']]]))
  expect(planner.index(entry(), { shelfId: 'south' }).copies).toEqual([])
})

test('uses versions of the index definition for copies too, and deletes none below version 0', () => {
  const references = { shelfId: ['north'] }
  expect(moveTo('south', references, { version: 3 }).copies).toMatchObject([{ version: 2 }])
  expect(moveTo('south', references, { version: 0 }).copies).toEqual([])
})

test('deletes the copy first without versions, because the document may be in the same shard', () => {
  const planner = new ActionPlanner(items, undefined)
  const { copies } = planner.index(entry({ shelfId: ['north'] }), { shelfId: 'south' })
  expect(copies.map(parse)).toEqual([{ _id: '1', routing: 'north' }])
})

test('deletes a record that moved before under all its routings', () => {
  const { copies, main } = new ActionPlanner(items, 7).delete(entry({ shelfId: ['north', 'south'] }))
  expect(parse(main)).toEqual({ _id: '1', version: 7, version_type: 'external', routing: 'north' })
  expect(copies.map(parse)).toEqual([{ _id: '1', ...below, routing: 'south' }])
})

test('does not call options for a delete when the payload has no references', () => {
  const asked: string[] = []
  const options: IndexDefinition<Item>['options'] = (_, operation) => {
    asked.push(operation)
    return {}
  }
  new ActionPlanner({ ...items, options }, 7).index(entry(), { shelfId: 'south' })
  expect(asked).toEqual(['index'])
})

test('indexes a record although options fails for its former place', () => {
  const failure = new Error('no shelf')
  const definition: IndexDefinition<Item> = {
    ...items,
    options: (subject, operation) => {
      if (operation === 'delete') throw failure
      return { routing: subject.shelfId }
    },
  }
  const planner = new ActionPlanner(definition, 7)
  const { copies, main } = planner.index(entry({ shelfId: ['north'] }), { shelfId: 'south' })
  expect({ copies, main: parse(main) }).toMatchObject({ copies: [], main: { routing: 'south' } })
  expect(planner.formerFailure).toBe(failure)
})
