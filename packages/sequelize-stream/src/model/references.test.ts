import { describe, expect, it } from 'vitest'
import { changedReferences, noReferences, referencesIn, uniteReferences } from './references.ts'

describe('references', () => {
  it('contain existing values only', () => {
    const row = { countryId: 'DE', mayorId: 7, ownerId: null }
    expect(referencesIn(row, ['countryId', 'mayorId', 'ownerId', 'other'])).toEqual({
      countryId: ['DE'],
      mayorId: [7],
    })
  })

  it('are compared as strings, and an unknown new value counts as different', () => {
    const before = { a: '1', b: 2, c: 3 }
    expect(changedReferences(before, { a: 1, b: 3 }, ['a', 'b', 'c'])).toEqual({ b: [2], c: [3] })
  })

  it('may be dates', () => {
    const before = { a: new Date(0), b: new Date(0) }
    expect(referencesIn(before, ['a'])).toEqual({ a: ['1970-01-01T00:00:00.000Z'] })
    const after = { a: new Date(0), b: new Date(1) }
    expect(changedReferences(before, after, ['a', 'b'])).toEqual({ b: ['1970-01-01T00:00:00.000Z'] })
  })

  it('can be merged', () => {
    expect(uniteReferences(noReferences, { a: [1] })).toEqual({ a: [1] })
    expect(uniteReferences({ a: [1] }, { a: [1, 2], b: ['x'] })).toEqual({ a: [1, 2], b: ['x'] })
  })
})
