import { expect, test } from 'vitest'
import { KtError } from '../errors/kt-error.ts'
import { mayPass } from './may-pass.ts'

const http = (statusCode: number): Error => Object.assign(new Error('answered'), { statusCode })
const kafka = (type: string): Error => Object.assign(new Error('refused'), { type })

test.each([
  [true, new Error('connect ECONNREFUSED')],
  [true, new KtError('KT_PRODUCE_TIMEOUT', 'away', { retryable: true })],
  [true, http(503)],
  [true, http(429)],
  [true, kafka('LEADER_NOT_AVAILABLE')],
  [false, new KtError('KT_OPTION_INVALID', 'wrong', { retryable: false })],
  [
    false,
    new KtError('KT_LOAD_FAILED', 'no table', {
      retryable: true,
      cause: Object.assign(new Error('relation'), {
        original: Object.assign(new Error('r'), { code: '42P01' }),
      }),
    }),
  ],
  [
    true,
    new KtError('KT_LOAD_FAILED', 'deadlock', {
      retryable: true,
      cause: Object.assign(new Error('d'), { original: { code: '40P01' } }),
    }),
  ],
  [false, new TypeError('undefined is not a function')],
  [false, http(403)],
  [false, kafka('INVALID_REPLICATION_FACTOR')],
  [
    false,
    Object.assign(new Error('topics'), {
      errors: [kafka('TOPIC_ALREADY_EXISTS'), kafka('POLICY_VIOLATION')],
    }),
  ],
  [false, new Error('retries', { cause: kafka('CLUSTER_AUTHORIZATION_FAILED') })],
])('%s for %s', (expected, error) => {
  expect(mayPass(error)).toBe(expected)
})
