import { expect, test } from 'vitest'
import { toRecordKey } from './record-id.ts'

test.each([
  [1, '1'],
  [0, '0'],
  [-0, '0'],
  [-5, '-5'],
  ['1', '1'],
  ['7f3e', '7f3e'],
  [9_007_199_254_740_993n, '9007199254740993'],
  ['a'.repeat(512), 'a'.repeat(512)],
])('%s becomes a string', (value, key) => {
  expect(toRecordKey(value)).toBe(key)
})

test.each([
  '',
  'a'.repeat(513),
  '€'.repeat(171),
  1.5,
  Number.NaN,
  Infinity,
  2 ** 53,
  null,
  undefined,
  true,
  {},
  [1],
  Symbol('id'),
])('%s is not an id', (value) => {
  expect(toRecordKey(value)).toBeUndefined()
})
