import { expect, test } from 'vitest'
import type { Origin } from '@kt/core/internal'
import { LatestPasses } from './latest-passes.ts'

const from = (offset: number): readonly Origin[] => [
  { topic: 'cities', partition: 0, from: BigInt(offset), to: BigInt(offset) },
]
const at = (offset: number, partition = 0) => ({ partition, offset: String(offset) })

test('a pass is replaced by one that has begun after it, and by no other', () => {
  const passes = new LatestPasses()
  passes.note('a', at(5), [])
  expect(passes.isReplaced('a', at(5))).toBe(false)
  passes.note('a', at(10), [])
  expect(passes.isReplaced('a', at(5))).toBe(true)
  expect(passes.isReplaced('a', at(10))).toBe(false)
  expect(passes.isReplaced('b', at(1))).toBe(false)
})

test('a pass that began in another process is not replaced by an older one that is remembered here', () => {
  const passes = new LatestPasses()
  passes.note('a', at(5), [])
  expect(passes.isReplaced('a', at(8))).toBe(false)
  // A beginning that is delivered again does not make the later one forgotten.
  passes.note('a', at(10), [])
  passes.note('a', at(5), [])
  expect(passes.isReplaced('a', at(5))).toBe(true)
  expect(passes.isReplaced('a', at(10))).toBe(false)
})

test('offsets of different partitions are not compared', () => {
  const passes = new LatestPasses()
  passes.note('a', at(10, 1), [])
  expect(passes.isReplaced('a', at(5, 0))).toBe(false)
})

test('a pass that has ended passes no causes on', () => {
  const passes = new LatestPasses()
  passes.note('a', at(5), from(1))
  passes.handled('a', at(5), 2)
  passes.handled('a', at(5), 0)
  expect(passes.note('a', at(10), from(2))).toEqual([...from(1), ...from(2)])
  passes.handled('a', at(10), 0)
  expect(passes.note('a', at(20), from(3))).toEqual(from(3))
})

test('a forgotten pass replaces none', () => {
  const passes = new LatestPasses()
  passes.note('a', at(5), [])
  passes.note('a', at(10), [])
  passes.forget('a')
  expect(passes.isReplaced('a', at(5))).toBe(false)
})

test('a pass continues for the changes of the passes that it has replaced', () => {
  const passes = new LatestPasses()
  expect(passes.note('a', at(5), from(1))).toEqual(from(1))
  expect(passes.note('b', at(6), from(2))).toEqual(from(2))
  expect(passes.note('a', at(10), from(3))).toEqual([...from(1), ...from(3)])
  expect(passes.note('a', at(10), [...from(1), ...from(3)])).toEqual([...from(1), ...from(3)])
})
