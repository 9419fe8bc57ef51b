import { describe, expect, it } from 'vitest'
import { hasRecordId, parseRecordId, recordId } from './record-key.ts'
import type { AnyModel } from './types.ts'

function keyed(...primaryKeyAttributes: string[]): AnyModel {
  return { name: 'Thing', primaryKeyAttributes, rawAttributes: {} } as unknown as AnyModel
}

describe('record ids', () => {
  it('are the values of single keys', () => {
    expect(recordId(keyed('id'), { id: 7 })).toBe(7)
    expect(recordId(keyed('id'), { id: '9007199254740993' })).toBe('9007199254740993')
    expect(recordId(keyed('id'), { id: 5n })).toBe('5')
    expect(recordId(keyed('code'), { code: 'a,b%' })).toBe('a,b%')
    expect(recordId(keyed('at'), { at: new Date(0) })).toBe('1970-01-01T00:00:00.000Z')
  })

  it('join and escape the parts of composite keys', () => {
    const model = keyed('a', 'b')
    const values = { a: '1,2', b: '50%' }
    expect(recordId(model, values)).toBe('1%2C2,50%25')
    expect(parseRecordId(model, '1%2C2,50%25')).toEqual(values)
    expect(recordId(model, { a: 1, b: 'é' })).toBe('1,é')
  })

  it('reject keys without a usable value', () => {
    for (const id of [undefined, null, '', 1.5, Number.NaN, Number.POSITIVE_INFINITY, {}, 'x'.repeat(513)]) {
      expect(hasRecordId(keyed('id'), { id })).toBe(false)
      expect(() => recordId(keyed('a', 'id'), { a: 1, id })).toThrow("can't be an id")
    }
  })

  it('are not parsed with the wrong number of parts or broken escapes', () => {
    expect(parseRecordId(keyed('a', 'b'), '1')).toBeUndefined()
    expect(parseRecordId(keyed('a', 'b'), '1,2,3')).toBeUndefined()
    expect(parseRecordId(keyed('a', 'b'), '1,%')).toBeUndefined()
    expect(parseRecordId(keyed('id'), '1,%')).toEqual({ id: '1,%' })
  })
})
