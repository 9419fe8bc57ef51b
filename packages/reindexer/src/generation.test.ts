import { describe, expect, test } from 'vitest'
import { creationOf, generationName, groupOf, hashOf, isOwnState, parseGenerationName } from './generation.ts'
import type { GenerationState } from './generation.ts'
import type { ReindexableIndex } from './options.ts'

const index = (more: object = {}): ReindexableIndex<object> => ({
  name: 'products',
  load: () => Promise.resolve([]),
  document: () => ({}),
  ids: async function* () {},
  database: () => Promise.resolve('db'),
  ...more,
})
const state: GenerationState = { alias: 'products', version: 1, database: 'db', phase: 'new' }

describe('the hash', () => {
  test('is the same for another order of properties', () => {
    const one = index({ mappings: { dynamic: false, properties: { a: { type: 'text' }, b: {} } } })
    const other = index({ mappings: { properties: { b: {}, a: { type: 'text' } }, dynamic: false } })
    expect(hashOf(one)).toBe(hashOf(other))
  })

  test.each([
    ['mappings', { mappings: { dynamic: 'strict' } }],
    ['settings', { settings: { number_of_shards: 3 } }],
    ['the version of the documents', { version: 2 }],
  ])('changes with %s', (_, more) => {
    expect(hashOf(index(more))).not.toBe(hashOf(index()))
  })

  test('without a version is that of the first one', () => {
    expect(hashOf(index({ version: 1 }))).toBe(hashOf(index()))
  })
})

test('names lead back to hash and number', () => {
  const name = generationName('products', 'a1b2c3d4', 12)
  expect(parseGenerationName('products', name)).toEqual({ hash: 'a1b2c3d4', number: 12 })
})

test.each([
  'products',
  'products-old',
  'products-a1b2c3d4',
  'products-a1b2c3d4-x',
  'products-de-a1b2c3d4-1',
  'other-a1b2c3d4-1',
])('"%s" is no generation of products', (name) => {
  expect(parseGenerationName('products', name)).toBeUndefined()
})

test('an index that was made again has another consumer group', () => {
  const name = 'products-a1b2c3d4-1'
  expect(groupOf(name, 'xY-z_12345678')).not.toBe(groupOf(name, 'aB-c_12345678'))
})

test('the state of a copy is that of another index', () => {
  const generation = { name: 'a', hash: 'b', number: 1, uuid: 'one', group: 'c', isActive: false }
  expect(isOwnState({ ...generation, state: { ...state, uuid: 'one' } })).toBe(true)
  expect(isOwnState({ ...generation, state: { ...state, uuid: 'other' } })).toBe(false)
})

describe('the new index', () => {
  test('keeps the _meta of the user beside the state', () => {
    const mappings = { dynamic: false, _meta: { owner: 'search team' } }
    expect(creationOf(index({ mappings }), state)).toMatchObject({
      mappings: { dynamic: false, _meta: { owner: 'search team', kt: state } },
    })
  })

  test.each([
    [{}, { gc_deletes: '10m' }],
    [{ index: { gc_deletes: '1h' } }, { index: { gc_deletes: '1h' } }],
    [{ 'index.gc_deletes': '1h' }, { 'index.gc_deletes': '1h' }],
  ])('remembers deletes for long enough: %j', (settings, expected) => {
    expect((creationOf(index({ settings }), state) as { settings: object }).settings).toEqual(expected)
  })
})
