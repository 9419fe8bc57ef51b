import { expect, test } from 'vitest'
import { recordStreamOf, recordStreamProperty } from './record-stream.ts'

test("a record's class tells how it is streamed, and so does one that extends it", () => {
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
