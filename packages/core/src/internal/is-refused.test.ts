import { expect, test } from 'vitest'
import { isRefused } from './is-refused.ts'
import { KtError } from '../errors/kt-error.ts'

test('a message is refused if the error is final and concerns the message', () => {
  expect(isRefused(new KtError('KT_PRODUCE_FAILED', 'too large', { retryable: false }))).toBe(true)
  expect(isRefused(new KtError('KT_PRODUCE_FAILED', 'away', { retryable: true }))).toBe(false)
  expect(isRefused(new KtError('KT_CLOSED', 'closed', { retryable: false }))).toBe(false)
  expect(isRefused(new KtError('KT_ABORTED', 'aborted', { retryable: false }))).toBe(false)
  expect(isRefused(new Error('who knows'))).toBe(false)
})
