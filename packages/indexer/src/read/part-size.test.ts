import { expect, test } from 'vitest'
import { PartSize } from './part-size.ts'

const kilobyte = 1_024

function operations(count: number, bytes: number, kind: 'index' | 'delete' = 'index', buildMs = 0) {
  return {
    actions: Array.from({ length: count }, () => ({ kind, versioned: true })),
    body: 'x'.repeat(count * bytes),
    buildMs,
  }
}

test('starts with small parts: twelve partitions with large documents filled the heap', () => {
  const size = new PartSize({ loadSize: 2_000, maxBulkBytes: 640 * kilobyte, maxReadAgeMs: 15_000 })
  expect(size.records).toBe(2)
  expect(size.bytesOf(2)).toBe(640 * kilobyte)
  const records: number[] = []
  for (let part = 0; part < 6; part++) {
    size.learn(operations(size.records, 100))
    records.push(size.records)
  }
  expect(records).toEqual([8, 32, 128, 512, 2_000, 2_000])
})

test('reads loadSize records with small documents, and as many with large ones as fit a bulk request', () => {
  const small = new PartSize({ loadSize: 2_000, maxBulkBytes: 1_000 * kilobyte, maxReadAgeMs: 15_000 })
  const large = new PartSize({ loadSize: 2_000, maxBulkBytes: 1_000 * kilobyte, maxReadAgeMs: 15_000 })
  for (let part = 0; part < 6; part++) {
    small.learn(operations(10, 100))
    large.learn(operations(10, 10 * kilobyte))
  }
  expect(small.records).toBe(2_000)
  expect(small.bytesOf(30)).toBe(3_000)
  expect(large.records).toBe(100)
})

test('adapts to documents that grow', () => {
  const size = new PartSize({ loadSize: 2_000, maxBulkBytes: 100_000, maxReadAgeMs: 15_000 })
  size.learn(operations(1_000, 100))
  for (let part = 0; part < 12; part++) size.learn(operations(1_000, 1_000))
  expect(size.records).toBe(100)
})

test('reads a document that exceeds a bulk request alone', () => {
  const size = new PartSize({ loadSize: 2_000, maxBulkBytes: 100, maxReadAgeMs: 15_000 })
  size.learn(operations(1, 5_000))
  expect(size.records).toBe(1)
})

test('does not take deletes for small documents', () => {
  const size = new PartSize({ loadSize: 2_000, maxBulkBytes: 640 * kilobyte, maxReadAgeMs: 15_000 })
  for (let part = 0; part < 10; part++) size.learn(operations(1_000, 30, 'delete'))
  expect(size.records).toBe(128)
})

test('limits parts of slow documents, so that they are built before their read is too old', () => {
  const size = new PartSize({ loadSize: 2_000, maxBulkBytes: 640 * kilobyte, maxReadAgeMs: 15_000 })
  for (let part = 0; part < 6; part++) size.learn(operations(128, 100, 'index', 128 * 20))
  expect(size.records).toBe(187)
  // A stall of the process affects only one part.
  size.learn(operations(100, 100, 'index', 3_600_000))
  expect(size.records).toBe(1)
  size.learn(operations(1, 100))
  expect(size.records).toBe(2_000)
})
