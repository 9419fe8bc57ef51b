import { expect, it } from 'vitest'
import { mergeResults } from './merge-results.ts'

it('merges the results of Sequelize for writes of many rows', () => {
  expect(mergeResults(2, 3)).toBe(5)
  expect(mergeResults([{ id: 1 }], [{ id: 2 }, { id: 3 }])).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }])
  expect(mergeResults([[{ id: 1 }], 1], [[{ id: 2 }], 1])).toEqual([[{ id: 1 }, { id: 2 }], 2])
  expect(mergeResults(undefined, undefined)).toBeUndefined()
})
