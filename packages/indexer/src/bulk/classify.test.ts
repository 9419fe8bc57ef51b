import { expect, test } from 'vitest'
import { responseError } from '../../test/support/fakes.ts'
import { isOverload, classifyFailure, classifyItem, needsAttention } from './classify.ts'

const index = { kind: 'index', versioned: false } as const
const versioned = { kind: 'index', versioned: true } as const
const remove = { kind: 'delete', versioned: false } as const

test.each([
  ['created', index, { status: 201 }, 'done'],
  ['updated', index, { status: 200 }, 'done'],
  ['deleting what is not there', remove, { status: 404 }, 'done'],
  ['deleting from no index', remove, { status: 404, error: { type: 'index_not_found_exception' } }, 'retry'],
  [
    'a newer version',
    versioned,
    { status: 409, error: { type: 'version_conflict_engine_exception' } },
    'newer',
  ],
  ['a conflict without version', index, { status: 409, error: { type: 'x' } }, 'rejected'],
  ['a bad document', index, { status: 400, error: { type: 'document_parsing_exception' } }, 'rejected'],
  ['a closed index', index, { status: 400, error: { type: 'index_closed_exception' } }, 'retry'],
  ['a missing index', index, { status: 404, error: { type: 'index_not_found_exception' } }, 'retry'],
  ['a read-only index', index, { status: 403, error: { type: 'cluster_block_exception' } }, 'retry'],
  ['missing rights', index, { status: 403, error: { type: 'security_exception' } }, 'retry'],
  ['overload', index, { status: 429, error: { type: 'es_rejected_execution_exception' } }, 'retry'],
  ['a lost shard', index, { status: 503, error: { type: 'unavailable_shards_exception' } }, 'retry'],
  ['502', index, { status: 502 }, 'retry'],
  ['504', index, { status: 504 }, 'retry'],
  ['an error inside', index, { status: 500, error: { type: 'null_pointer_exception' } }, 'uncertain'],
] as const)('an item: %s', (_, operation, answer, kind) => {
  expect(classifyItem(operation, { [operation.kind]: answer }).kind).toBe(kind)
})

test('retries an operation without an item', () => {
  expect(classifyItem(index, undefined)).toEqual({ kind: 'retry' })
  expect(classifyItem(index, { delete: { status: 200 } })).toEqual({ kind: 'retry' })
})

test('reports status and type of an item, not its text', () => {
  const item = { index: { status: 400, error: { type: 'document_parsing_exception', reason: 'secret' } } }
  expect(classifyItem(index, item)).toEqual({
    kind: 'rejected',
    status: 400,
    type: 'document_parsing_exception',
  })
})

test.each([
  [responseError(400, 'illegal_argument_exception'), 'rejected'],
  [responseError(400, 'media_type_header_exception'), 'retry'],
  [responseError(413), 'rejected'],
  [responseError(401), 'retry'],
  [responseError(403), 'retry'],
  [responseError(404), 'retry'],
  [responseError(429), 'retry'],
  [responseError(500), 'retry'],
  [responseError(503), 'retry'],
  [new Error('connect ECONNREFUSED'), 'retry'],
  ['text', 'retry'],
])('a failed request: %s', (error, kind) => {
  expect(classifyFailure(error).kind).toBe(kind)
})

test('missing privileges and indexes need attention; overload passes', () => {
  const loud = [400, 401, 403, 404].map((status) => needsAttention({ status }))
  const quiet = [408, 429, 500, 503].map((status) => needsAttention({ status }))
  expect(loud).toEqual([true, true, true, true])
  expect(quiet).toEqual([false, false, false, false])
  expect(needsAttention({})).toBe(false)
  // The disk is full.
  const full = { status: 429, type: 'cluster_block_exception' }
  expect([needsAttention(full), isOverload({ kind: 'retry', ...full })]).toEqual([true, false])
})
