import { expect, test } from 'vitest'
import { changedAttributes, encodeChangedAttributes } from './changed-attributes.ts'

test('the changed attributes arrive as they were sent', () => {
  const header = encodeChangedAttributes(['name', 'brand.id', 'größe'])
  expect(changedAttributes({ headers: { 'kt-changed': header ?? '' } })).toEqual([
    'name',
    'brand.id',
    'größe',
  ])
})

test('without the header, or with a name that it can not contain, any attribute may have changed', () => {
  expect(changedAttributes({ headers: {} })).toBeUndefined()
  expect(encodeChangedAttributes(['name', 'a,b'])).toBeUndefined()
})
