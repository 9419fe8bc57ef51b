import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { errorFields } from './error-fields.ts'
import { KtError } from './kt-error.ts'

const secret = 'alice@example.com'

test('includes the message of a KtError, and the name, codes and origin of other errors', () => {
  const cause = Object.assign(new Error(`refused ${secret}`), {
    code: 'ECONNREFUSED',
    type: 'LEADER_NOT_AVAILABLE',
    broker: 'kafka-1.internal:9092',
    statusCode: 503,
    sql: `SELECT ${secret}`,
  })
  const error = new KtError('KT_LOAD_FAILED', 'no records', { retryable: true, cause })
  expect(errorFields(error)).toEqual({
    error: 'KtError',
    code: 'KT_LOAD_FAILED',
    message: 'no records',
    cause: {
      error: 'Error',
      code: 'ECONNREFUSED',
      type: 'LEADER_NOT_AVAILABLE',
      broker: 'kafka-1.internal:9092',
      status: 503,
      at: expect.stringMatching(/error-fields\.test\.ts:\d+:\d+/) as string,
    },
  })
})

test("includes the driver's error from an error of Sequelize, without its quotes", () => {
  const original = Object.assign(new Error(`duplicate key: ${secret}`), {
    name: 'error',
    code: '23505',
    detail: `Key (email)=(${secret}) already exists.`,
  })
  const error = Object.assign(new Error(secret), { name: 'SequelizeUniqueConstraintError', original })
  expect(errorFields(error)).toMatchObject({
    error: 'SequelizeUniqueConstraintError',
    cause: { error: 'error', code: '23505' },
  })
})

test('includes a network error from a message, without the text around it', () => {
  const error = new Error(`connect ECONNREFUSED https://user:${secret}@search`)
  expect(errorFields(error)).toMatchObject({ error: 'Error', message: 'ECONNREFUSED' })
  expect(JSON.stringify(errorFields(error))).not.toContain(secret)
})

test('quotes nothing from any field', () => {
  const lines = new Error(`first\n    at ${secret} (row:1:2)\n    at ${secret}`)
  const replaced = new Error(`old ${secret}`)
  replaced.message = 'new'
  const disguised = Object.assign(new Error('x'), {
    name: `Error: ${secret}`,
    code: secret,
    type: secret,
    broker: `user:${secret}:9092`,
    stack: `x\n    at ${secret}`,
  })
  const aggregate = new AggregateError([new Error(secret)], secret)
  for (const error of [lines, replaced, disguised, aggregate, new Error('outer', { cause: lines }), secret])
    expect(JSON.stringify(errorFields(error))).not.toContain(secret)
})

test('recognises an error of another realm, as in a test under Jest', () => {
  const error = runInNewContext(`Object.assign(new Error('connect'), { code: 'ECONNREFUSED' })`) as unknown
  expect(error).not.toBeInstanceOf(Error)
  expect(errorFields(error)).toMatchObject({ error: 'Error', code: 'ECONNREFUSED' })
})

test('accepts values that are no errors, and circular causes', () => {
  expect(errorFields('secret')).toEqual({ error: 'string' })
  expect(errorFields(undefined)).toEqual({ error: 'undefined' })
  const circular = new KtError('KT_ABORTED', 'round', { retryable: false })
  circular.cause = circular
  expect(JSON.stringify(errorFields(circular))).toContain('round')
})
