import type { BulkClient } from '@kt/indexer'
import { expect, test } from 'vitest'
import { memorySearch } from './index.ts'
import type { MemorySearch } from './index.ts'

const lines = (...all: object[]): string => all.map((each) => `${JSON.stringify(each)}\n`).join('')

async function bulk(search: MemorySearch, ...all: object[]): Promise<unknown> {
  return search.bulk({ index: 'cities', operations: lines(...all) })
}

test('is a client for an Indexer', () => {
  const client: BulkClient = memorySearch()
  expect(client).toHaveProperty('bulk')
})

test('keeps an old version from overwriting a newer one, or a delete', async () => {
  const search = memorySearch()
  const at = (version: number) => ({ _id: '1', version, version_type: 'external' })
  expect(await bulk(search, { index: at(5) }, { name: 'new' }, { index: at(4) }, { name: 'old' })).toEqual({
    errors: true,
    items: [
      { index: { _id: '1', _version: 5, status: 201 } },
      {
        index: {
          _id: '1',
          status: 409,
          error: {
            type: 'version_conflict_engine_exception',
            reason: '[1]: version conflict, current version [5] is not lower than [4]',
          },
        },
      },
    ],
  })
  expect(search.documents('cities')).toEqual({ 1: { name: 'new' } })
  await bulk(search, { delete: at(7) }, { index: at(6) }, { name: 'old' })
  expect(search.documents('cities')).toEqual({})
  await bulk(search, { index: { ...at(7), version_type: 'external_gte' } }, { name: 'back' })
  expect(search.hits('cities')).toEqual([
    { id: '1', routing: undefined, version: 7, document: { name: 'back' } },
  ])
})

test('deletes what is absent with 404, as Elasticsearch does', async () => {
  expect(await bulk(memorySearch(), { delete: { _id: '1' } })).toMatchObject({
    errors: false,
    items: [{ delete: { status: 404 } }],
  })
})

test('finds the copies of an id under its routings', async () => {
  const search = memorySearch()
  await bulk(search, { index: { _id: '1', routing: 'north' } }, { n: 1 }, { index: { _id: '1' } }, { n: 2 })
  const query = { ids: { values: ['1'] } }
  expect(await search.search({ index: 'cities', query })).toMatchObject({
    hits: {
      hits: [
        { _id: '1', _routing: 'north' },
        { _id: '1', _source: { n: 2 } },
      ],
    },
  })
  expect(search.documents('cities')).toEqual({ 1: { n: 2 } })
  expect(search.documents('unknown')).toEqual({})
})
