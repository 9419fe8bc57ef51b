import { expect, test } from 'vitest'
import { changedColumns, encodeChangedColumns, hasChanged } from './changed-columns.ts'

test('the changed columns arrive as they were sent', () => {
  const headers = { 'kt-changed': encodeChangedColumns(['name', 'brand.id', 'größe']) ?? '' }
  expect(changedColumns({ headers })).toEqual(['name', 'brand.id', 'größe'])
  expect(hasChanged({ headers }, new Set(['id', 'name']))).toBe(true)
  expect(hasChanged({ headers }, new Set(['id']))).toBe(false)
  expect(hasChanged({ headers }, undefined)).toBe(true)
})

test.each([[[]], [['name', 'a,b']]])('the header is omitted for %j', (columns) => {
  expect(encodeChangedColumns(columns)).toBeUndefined()
})

test('without the header, any column may have changed', () => {
  expect(changedColumns({ headers: {} })).toBeUndefined()
  expect(hasChanged({ headers: {} }, new Set(['id']))).toBe(true)
})
