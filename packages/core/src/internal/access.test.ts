import { expect, test } from 'vitest'
import { isAccessRefused } from './access.ts'

const wrapped = (cause: unknown): Error => new Error('retries exceeded', { cause })
const ofType = (type: string): Error => Object.assign(new Error(type), { type })
const wrongPassword = Object.assign(new Error('x'), { name: 'KafkaJSSASLAuthenticationError' })

test('recognises a refusal at any depth', () => {
  expect(isAccessRefused(wrongPassword)).toBe(true)
  expect(isAccessRefused(wrapped(wrapped(wrongPassword)))).toBe(true)
  expect(isAccessRefused(wrapped(ofType('GROUP_AUTHORIZATION_FAILED')))).toBe(true)
  expect(isAccessRefused(ofType('NOT_COORDINATOR_FOR_GROUP'))).toBe(false)
  expect(isAccessRefused(wrapped(undefined))).toBe(false)
  const circular = new Error('round')
  circular.cause = circular
  expect(isAccessRefused(circular)).toBe(false)
})
