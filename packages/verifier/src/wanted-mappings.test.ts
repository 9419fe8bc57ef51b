import { expect, test } from 'vitest'
import { differingMappings } from './wanted-mappings.ts'

test.each([
  ['the same', { properties: { id: { type: 'integer' } } }, { properties: { id: { type: 'integer' } } }, []],
  ['a dynamic field', { properties: {} }, { properties: { extra: { type: 'text' } } }, []],
  ['text for a boolean', { dynamic: false }, { dynamic: 'false' }, []],
  [
    'a default that is not returned',
    { properties: { a: { type: 'text', index: true } } },
    { properties: { a: { type: 'text' } } },
    [],
  ],
  ['a list of one', { properties: { a: { copy_to: 'b' } } }, { properties: { a: { copy_to: ['b'] } } }, []],
  ['_meta', { _meta: { owner: 'us' } }, { _meta: { kt: {} } }, []],
  [
    'an object without its type',
    { properties: { brand: { type: 'object', properties: {} } } },
    { properties: { brand: { properties: {} } } },
    [],
  ],
  [
    'another type',
    { properties: { id: { type: 'keyword' } } },
    { properties: { id: { type: 'integer' } } },
    ['properties.id.type'],
  ],
  ['a missing field', { properties: { id: { type: 'integer' } } }, { properties: {} }, ['properties.id']],
  ['no mappings at all', { dynamic: 'strict' }, {}, ['dynamic']],
])('%s', (_, wanted, found, differing) => {
  expect(differingMappings(wanted, found)).toEqual(differing)
})
