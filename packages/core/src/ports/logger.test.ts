import { expect, test } from 'vitest'
import { KtError } from '../errors/kt-error.ts'
import { errorFields } from './logger.ts'

test('tells name, code and message down the causes, and nothing that drivers add', () => {
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED', sql: 'SELECT secret' })
  const error = new KtError('KT_LOAD_FAILED', 'no records', { retryable: true, cause })
  expect(errorFields(error)).toEqual({
    error: 'KtError',
    code: 'KT_LOAD_FAILED',
    message: 'no records',
    cause: { error: 'Error', code: 'ECONNREFUSED', message: 'refused' },
  })
})

test('copes with what is no error, and with causes that go in circles', () => {
  expect(errorFields('secret')).toEqual({ error: 'string' })
  const circular = new Error('round')
  circular.cause = circular
  expect(JSON.stringify(errorFields(circular))).toContain('round')
})
