import { array, assert, nat, oneof, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { SeenIds } from './seen-ids.ts'

const anyId = oneof(nat({ max: 50 }).map(String), string({ minLength: 1, maxLength: 2 }))

test('knows what has come, in whatever order', () => {
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

test('knows what has come in ascending order, when it comes again after all of it', () => {
  const seen = new SeenIds()
  const ids = Array.from({ length: 1_000 }, (_, index) => String(index * 7))
  expect(ids.every((id) => seen.add(id))).toBe(true)
  expect(ids.some((id) => seen.add(id))).toBe(false)
  expect(seen.add('1')).toBe(true)
})
