import { expect, test } from 'vitest'
import { recordStreamOf, recordStreamProperty } from './record-stream.ts'

test("finds the record stream in a record's class, and in a subclass", () => {
  const stream = { topic: 'cities', payload: () => ({ id: 1 }) }
  class City {
    static readonly [recordStreamProperty] = stream
    readonly id = 1
  }
  class Town extends City {}
  expect(recordStreamOf(new City())).toBe(stream)
  expect(recordStreamOf(new Town())).toBe(stream)
  expect(recordStreamOf({})).toBeUndefined()
  expect(recordStreamOf(Object.create(null) as object)).toBeUndefined()
})
