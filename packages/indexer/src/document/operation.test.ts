import { expect, test } from 'vitest'
import type { Entry } from '../entry.ts'
import type { IndexDefinition } from './index-definition.ts'
import { buildOperations } from './operation.ts'

interface City {
  readonly id: number
  readonly name: string
}

const entry = (id: string): Entry => ({ id, payload: { id, country: 'de' }, messages: [] })
const entries = [entry('1'), entry('2')]
const records = new Map([['1', { id: 1, name: 'Köln' }]])

const cities: IndexDefinition<City> = {
  name: 'cities',
  load: () => Promise.resolve([]),
  document: ({ name }) => ({ name }),
}

const limits = { documentTimeoutMs: 1_000 }

async function linesOf(definition: IndexDefinition<City>, ticket?: number): Promise<unknown[]> {
  const { lines } = await buildOperations(definition, entries, { records, ticket }, limits)
  return lines.entries.map((_, i) =>
    lines
      .slice(i, i + 1)
      .body.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  )
}

test('indexes a record, and deletes a missing one', async () => {
  expect(await linesOf(cities)).toEqual([
    [{ index: { _id: '1' } }, { name: 'Köln' }],
    [{ delete: { _id: '2' } }],
  ])
})

test.each(['a"b', String.raw`a\b`, 'a\nb', 'Köln 東京', ' ', '\u{1F600}', '{}'])(
  'an id may be any text: %j',
  async (id) => {
    const { lines } = await buildOperations(cities, [entry(id)], { records: new Map(), ticket: 7 }, limits)
    expect(JSON.parse(lines.body)).toEqual({ delete: { _id: id, version: 7, version_type: 'external' } })
  },
)

test('uses the ticket as external version, for deletes too', async () => {
  const version = { version: 7, version_type: 'external' }
  expect(await linesOf(cities, 7)).toEqual([
    [{ index: { _id: '1', ...version } }, { name: 'Köln' }],
    [{ delete: { _id: '2', ...version } }],
  ])
})

test('gets options from the record, or from the payload of a delete; their version replaces the ticket', async () => {
  const definition: IndexDefinition<City> = {
    ...cities,
    options: (subject, operation) =>
      operation === 'index'
        ? { routing: subject.name, version: 3, version_type: 'external_gte', pipeline: 'geo' }
        : { routing: subject['country'] === 'de' ? 'DE' : 'other' },
  }
  expect(await linesOf(definition, 7)).toEqual([
    [
      { index: { _id: '1', routing: 'Köln', version: 3, version_type: 'external_gte', pipeline: 'geo' } },
      { name: 'Köln' },
    ],
    [{ delete: { _id: '2', routing: 'DE', version: 7, version_type: 'external' } }],
  ])
})

test('accepts a document() that returns a promise', async () => {
  const definition = { ...cities, document: ({ name }: City) => Promise.resolve({ later: name }) }
  expect(await linesOf(definition)).toContainEqual([{ index: { _id: '1' } }, { later: 'Köln' }])
})

const failing: { readonly [what: string]: Partial<IndexDefinition<City>> } = {
  'document throws': {
    document: () => {
      throw new Error('no')
    },
  },
  'document rejects': { document: () => Promise.reject(new Error('no')) },
  'no JSON': { document: () => ({ big: 1n }) },
  'an object that is no JSON': { document: () => ({ toJSON: () => undefined }) },
  'no document': { document: () => undefined as unknown as object },
  'a negative version': { options: () => ({ version: -1 }) },
  'a broken version': { options: () => ({ version: 1.5 }) },
  'an unknown version type': { options: () => ({ version: 1, version_type: 'internal' as 'external' }) },
  'a routing that is an object': {
    options: (_, operation) => ({ routing: (operation === 'index' ? {} : 'x') as unknown as string }),
  },
}

test.each(Object.keys(failing))('a failing document does not affect the others: %s', async (what) => {
  const definition = { ...cities, ...failing[what] }
  const { lines, failed } = await buildOperations(definition, entries, { records, ticket: undefined }, limits)
  expect(failed[0]?.entry.id).toBe('1')
  expect(failed[0]?.error).toBeInstanceOf(Error)
  expect(lines.length + failed.length).toBe(2)
})
