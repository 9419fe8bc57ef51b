import { array, assert, nat, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { SeenIds } from './seen-ids.ts'

const anyId = oneof(nat({ max: 50 }).map(String), string({ minLength: 1, maxLength: 2 }))

test('remembers ids in any order', () => {
  assert(
    property(array(anyId, { maxLength: 200 }), (ids) => {
      const seen = new SeenIds()
      const known = new Set<string>()
      for (const id of ids) {
        expect(seen.has(id)).toBe(known.has(id))
        expect(seen.add(id)).toBe(!known.has(id))
        known.add(id)
      }
    }),
  )
})

test('remembers ascending ids when they are added again after all others', () => {
  const seen = new SeenIds()
  const ids = Array.from({ length: 1_000 }, (_, index) => String(index * 7))
  expect(ids.every((id) => seen.add(id))).toBe(true)
  expect(ids.some((id) => seen.add(id))).toBe(false)
  expect(seen.add('1')).toBe(true)
})
