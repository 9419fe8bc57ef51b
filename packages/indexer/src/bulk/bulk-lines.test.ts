import { expect, test } from 'vitest'
import { BulkLines } from './bulk-lines.ts'

function linesOf(...texts: string[]): BulkLines {
  let end = 0
  return new BulkLines(
    texts.map((_, i) => ({ id: String(i), payload: { id: i }, messages: [] })),
    texts.map(() => ({ kind: 'index', versioned: true })),
    texts.join(''),
    texts.map(({ length }) => (end += length)),
  )
}

const ofSizes = (...sizes: number[]): BulkLines => linesOf(...sizes.map((size) => 'x'.repeat(size)))

const bodies = (chunks: readonly BulkLines[]): string[] => chunks.map(({ body }) => body)

const ids = (chunks: readonly BulkLines[]): string[][] =>
  chunks.map(({ entries }) => entries.map(({ id }) => id))

test('fills each chunk up to the limit', () => {
  const chunks = ofSizes(4, 6, 1, 9, 10, 2).chunks(10)
  expect(ids(chunks)).toEqual([['0', '1'], ['2', '3'], ['4'], ['5']])
  expect(bodies(chunks).map(({ length }) => length)).toEqual([10, 10, 10, 2])
})

test('puts an operation that is too large in a chunk of its own', () => {
  expect(ids(ofSizes(1, 50, 2, 3).chunks(10))).toEqual([['0'], ['1'], ['2', '3']])
})

test('counts bytes in UTF-8', () => {
  expect(bodies(linesOf('Köln', '東京', 'Ulm').chunks(10))).toEqual(['Köln', '東京Ulm'])
})

test('makes no chunk without operations', () => {
  expect(linesOf().chunks(10)).toEqual([])
})

test('slices a slice', () => {
  const part = linesOf('a', 'bb', 'ccc', 'dddd', 'e').slice(1, 5).slice(1, 3)
  expect(part.body).toBe('cccdddd')
  expect(ids([part])).toEqual([['2', '3']])
  expect(bodies(part.chunks(4))).toEqual(['ccc', 'dddd'])
})
