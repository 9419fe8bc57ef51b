import { KtError } from '@kt/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { UserError } from '../user-error.ts'
import { reportError } from './report-error.ts'

const lines: string[] = []
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line)))
afterEach(() => {
  vi.restoreAllMocks()
  lines.length = 0
})

test('what was refused is named, with its service, once, and without a stack trace', () => {
  const refused = Object.assign(new Error('Replication-factor is invalid'), {
    type: 'INVALID_REPLICATION_FACTOR',
  })
  const error = Object.assign(new Error('Topic creation errors'), {
    name: 'KafkaJSAggregateError',
    errors: [refused, refused],
  })
  expect(reportError(error)).toBe(1)
  expect(lines.join()).toContain('Kafka: Topic creation errors: Replication-factor is invalid')
  expect(lines).toHaveLength(1)
})

test('a cause that says the same is left out, and a remedy is shown', () => {
  const cause = new Error('connect ECONNREFUSED')
  expect(reportError(new UserError('connect ECONNREFUSED', 'Start it.', { cause }))).toBe(1)
  expect(lines).toHaveLength(2)
  expect(lines[1]).toContain('Start it.')
})

test('calls of the libraries are shown as commands', () => {
  const text = '"products" is an index, not an alias: call ensure({ replaceIndex: true }), which deletes it'
  reportError(new KtError('KT_REINDEX_REFUSED', text, { retryable: false }))
  expect(lines[0]).toContain('"kt apply --replace-index", which deletes it')
})

test('an interruption is no failure', () => {
  expect(reportError(new KtError('KT_ABORTED', 'aborted', { retryable: false }))).toBe(130)
})
