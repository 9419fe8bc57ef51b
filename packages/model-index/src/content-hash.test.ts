import { expect, test } from 'vitest'
import { contentHash, mappingsWithContentHash, withContentHash } from './content-hash.ts'

test('the same content has the same hash, whatever the order of properties', () => {
  const hash = contentHash({ a: 1, b: { c: [1, { d: 2, e: undefined }], f: null } })
  expect(hash).toBe(contentHash({ b: { f: null, c: [1, { d: 2 }] }, a: 1 }))
  expect(hash).toMatch(/^[\w-]{43}$/u)
})

test.each([
  ['another value', { a: 2 }],
  ['another type', { a: '1' }],
  ['another property', { b: 1 }],
  ['one more property', { a: 1, b: null }],
])('%s has another hash', (_, document) => {
  expect(contentHash(document)).not.toBe(contentHash({ a: 1 }))
})

test('the order of a list counts', () => {
  expect(contentHash({ a: [1, 2] })).not.toBe(contentHash({ a: [2, 1] }))
})

test('the fields of a document that has toJSON were lost', async () => {
  const document = withContentHash('hash', (name: string) => ({ toJSON: () => ({ name }) }))
  expect(await document('Lamp')).toEqual({ name: 'Lamp', hash: contentHash({ name: 'Lamp' }) })
})

test('a document that is made later is hashed, too', async () => {
  const document = withContentHash('hash', (name: string) => Promise.resolve({ name }))
  expect(await document('Lamp')).toEqual({ name: 'Lamp', hash: contentHash({ name: 'Lamp' }) })
})

test('a field that is taken is refused', async () => {
  const taken = expect.objectContaining({ code: 'KT_OPTION_INVALID' }) as unknown
  await expect(withContentHash('name', (name: string) => ({ name }))('Lamp')).rejects.toEqual(taken)
  expect(() => mappingsWithContentHash('name', { properties: { name: {} } })).toThrow(taken)
})
