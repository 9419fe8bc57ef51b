import { assert, constantFrom, maxSafeNat, property, string, tuple } from 'fast-check'
import { expect, test } from 'vitest'
import { plainId } from './plain-id.ts'

const encoder = new TextEncoder()
const read = (text: string): number | undefined => plainId(encoder.encode(text))

test('reads a number of up to 15 digits', () => {
  assert(
    property(maxSafeNat(), (id) => {
      expect(read(JSON.stringify({ id }))).toBe(id < 1e15 ? id : undefined)
    }),
  )
})

test.each([
  '{"id":}',
  '{"id":01}',
  '{"id":-1}',
  '{"id":1.5}',
  '{"id":1e3}',
  '{"id":"1"}',
  '{"ID":1}',
  '',
  '{',
  '}',
])('returns undefined for %s', (text) => {
  expect(read(text)).toBeUndefined()
})

test('never reads a value differently from JSON.parse', () => {
  const tail = constantFrom('}', '', ' }', '}\n', ',"x":1}')
  assert(
    property(tuple(constantFrom('{"id":', '{ "id":', '{"id": '), string(), tail), (parts) => {
      const text = parts.join('')
      const id = read(text)
      expect(id === undefined ? undefined : JSON.parse(text)).toEqual(id === undefined ? undefined : { id })
    }),
  )
})
