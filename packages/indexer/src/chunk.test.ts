import { expect, test } from 'vitest'
import { chunkByBytes } from './chunk.ts'

const sizes = (chunks: readonly (readonly { readonly bytes: number }[])[]): number[][] =>
  chunks.map((chunk) => chunk.map(({ bytes }) => bytes))

test('fills each chunk as far as it goes', () => {
  const items = [4, 6, 1, 9, 10, 2].map((bytes) => ({ bytes }))
  expect(sizes(chunkByBytes(items, 10))).toEqual([[4, 6], [1, 9], [10], [2]])
})

test('what is too large goes alone', () => {
  const items = [1, 50, 2, 3].map((bytes) => ({ bytes }))
  expect(sizes(chunkByBytes(items, 10))).toEqual([[1], [50], [2, 3]])
})

test('nothing makes no chunk', () => {
  expect(chunkByBytes([], 10)).toEqual([])
})
