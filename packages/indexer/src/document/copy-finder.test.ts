import { expect, test } from 'vitest'
import { memoryLogger, responseError } from '../../test/support/fakes.ts'
import type { BulkClient } from '../bulk/bulk-client.ts'
import { CopyFinder } from './copy-finder.ts'

type Search = (params: Record<string, unknown>) => Promise<object>

function setUp(search?: Search, rest: object = {}) {
  const { logger, lines } = memoryLogger()
  const client = { bulk: () => Promise.resolve({}), ...(search && { search }), ...rest } as BulkClient
  return { lines, finder: new CopyFinder({ client, index: 'items', requestTimeoutMs: 1_000, logger }) }
}

const hits = [{ _id: '1', _routing: 'north' }, { _id: '1' }, { _id: '2', _routing: 'south' }]
const found = new Map([
  ['1', ['north', undefined]],
  ['2', ['south']],
])

test.each([
  ['Elasticsearch', {}, { hits: { hits } }],
  ['OpenSearch', { transport: {} }, { body: { hits: { hits } } }],
])('finds the documents of an id in all shards: %s', async (_, rest, answer) => {
  const asked: unknown[] = []
  const { finder, lines } = setUp((params) => {
    asked.push(params['query'] ?? (params['body'] as { query: unknown }).query)
    return Promise.resolve(answer)
  }, rest)
  expect(await finder.find(['1', '2', '3'])).toEqual(found)
  expect(asked).toEqual([{ ids: { values: ['1', '2', '3'] } }])
  expect(lines).toEqual([])
})

test('finds nothing without a search method or without hits', async () => {
  expect(await setUp().finder.find(['1'])).toEqual(new Map())
  expect(await setUp(() => Promise.resolve({})).finder.find(['1'])).toEqual(new Map())
})

test('warns once about failing searches, until one succeeds', async () => {
  const answers = [false, false, true, false]
  const { finder, lines } = setUp(() =>
    answers.shift() ? Promise.resolve({}) : Promise.reject(responseError(403, 'security_exception')),
  )
  const warnings: number[] = []
  for (let i = 0; i < 4; i++) {
    expect(await finder.find(['1'])).toEqual(new Map())
    warnings.push(lines.length)
  }
  expect(warnings).toEqual([1, 1, 1, 2])
  expect(lines[0]).toContain('needs the privilege read')
})

test('does not warn about a missing index: the write does', async () => {
  const { finder, lines } = setUp(() => Promise.reject(responseError(404)))
  expect(await finder.find(['1'])).toEqual(new Map())
  expect(lines).toEqual([])
})
