import { expect, test } from 'vitest'
import { derivedSeed, Random } from './random.ts'

const numbers = (seed: number): number[] => {
  const random = new Random(seed)
  return Array.from({ length: 1_000 }, () => random.between(1, 6))
}

test('the same seed gives the same numbers, and another seed gives others', () => {
  expect(numbers(1)).toEqual(numbers(1))
  expect(numbers(1)).not.toEqual(numbers(2))
})

test('gives all numbers of a range, and no others', () => {
  expect(new Set(numbers(3))).toEqual(new Set([1, 2, 3, 4, 5, 6]))
})

test('derived seeds differ, and do not depend on each other', () => {
  const seeds = Array.from({ length: 1_000 }, (_, index) => derivedSeed(7, index))
  expect(new Set(seeds).size).toBe(1_000)
  expect(derivedSeed(7, 500)).toBe(seeds[500])
})

test('throws when there is nothing to pick from', () => {
  expect(() => new Random(1).pick([])).toThrow(RangeError)
})
