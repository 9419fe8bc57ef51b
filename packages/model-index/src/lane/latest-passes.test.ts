import { expect, test } from 'vitest'
import { LatestPasses } from './latest-passes.ts'

const at = (offset: number, partition = 0) => ({ partition, offset: String(offset) })

test('a pass is replaced by one that has begun after it, and by no other', () => {
  const passes = new LatestPasses()
  passes.begin('a', at(5))
  expect(passes.isReplaced('a', at(5))).toBe(false)
  passes.begin('a', at(10))
  expect(passes.isReplaced('a', at(5))).toBe(true)
  expect(passes.isReplaced('a', at(10))).toBe(false)
  expect(passes.isReplaced('b', at(1))).toBe(false)
})

test('a pass that began in another process is not replaced by an older one that is remembered here', () => {
  const passes = new LatestPasses()
  passes.begin('a', at(5))
  expect(passes.isReplaced('a', at(8))).toBe(false)
  // A beginning that is delivered again does not make the later one forgotten.
  passes.begin('a', at(10))
  passes.begin('a', at(5))
  expect(passes.isReplaced('a', at(5))).toBe(true)
  expect(passes.isReplaced('a', at(10))).toBe(false)
})

test('offsets of different partitions are not compared', () => {
  const passes = new LatestPasses()
  passes.begin('a', at(10, 1))
  expect(passes.isReplaced('a', at(5, 0))).toBe(false)
})
