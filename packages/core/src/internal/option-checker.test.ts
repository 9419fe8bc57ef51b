import { expect, test } from 'vitest'
import { KtError } from '../errors/kt-error.ts'
import { optionChecker } from './option-checker.ts'

const check = optionChecker('Thing')
const port = { consume: () => undefined }
const callable = (): void => undefined

test('returns valid values', () => {
  expect(check.string('s', 'x')).toBe('x')
  expect(check.integer('i', 0)).toBe(0)
  expect(check.integer('i', 5, { min: 5, max: 5 })).toBe(5)
  expect(check.boolean('b', false)).toBe(false)
  expect(check.callable('c', callable)).toBe(callable)
  expect(check.port('p', port, ['consume'])).toBe(port)
  expect(check.oneOf('o', 'b', ['a', 'b'])).toBe('b')
})

test.each<[string, () => unknown]>([
  ['a non-empty string, got an empty string', () => check.string('x', '')],
  ['a non-empty string, got undefined', () => check.string('x', undefined)],
  ['a whole number of at least 0, got the number -1', () => check.integer('x', -1)],
  ['a whole number from 1 to 3, got the number 4', () => check.integer('x', 4, { min: 1, max: 3 })],
  ['a whole number of at least 0, got the number 1.5', () => check.integer('x', 1.5)],
  ['a whole number of at least 0, got string', () => check.integer('x', '1')],
  ['a boolean, got null', () => check.boolean('x', null)],
  ['a function, got object', () => check.callable('x', {})],
  ['an object with the methods a, consume, got object', () => check.port('x', port, ['a', 'consume'])],
  ['an object with the methods consume, got undefined', () => check.port('x', undefined, ['consume'])],
  ['an object, got', () => check.only('x', 5 as never, ['a', 'b'])],
  ['one of "a", "b", got string', () => check.oneOf('x', 'c', ['a', 'b'])],
  ['right, got an array', () => check.fail('x', 'right', [])],
])('names the option: %s', (what, run) => {
  expect(run).toThrow(KtError)
  expect(run).toThrow(`Thing: option "x" must be ${what}`)
})

test('never reports a value, which may be a password', () => {
  expect(() => check.integer('port', 'hunter2')).not.toThrow('hunter2')
})

test('an unknown option is named with its parent', () => {
  expect(() => check.only('x', { a: 1, c: 2 }, ['a', 'b'])).toThrow('option "x.c" must be one of a, b')
  expect(check.only('x', { a: 1 }, ['a', 'b'])).toEqual({ a: 1 })
})
