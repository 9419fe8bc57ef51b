import { expect, test } from 'vitest'
import { chunkByBytes } from './chunk.ts'

const ofSizes = (...sizes: number[]): { readonly text: string }[] =>
  sizes.map((size) => ({ text: 'x'.repeat(size) }))

const sizes = (chunks: readonly (readonly { readonly text: string }[])[]): number[][] =>
  chunks.map((chunk) => chunk.map(({ text }) => Buffer.byteLength(text)))

test('fills each chunk as far as it goes', () => {
  expect(sizes(chunkByBytes(ofSizes(4, 6, 1, 9, 10, 2), 10))).toEqual([[4, 6], [1, 9], [10], [2]])
})

test('what is too large goes alone', () => {
  expect(sizes(chunkByBytes(ofSizes(1, 50, 2, 3), 10))).toEqual([[1], [50], [2, 3]])
})

test('bytes are counted as they go over the wire', () => {
  const items = ['Köln', '東京', 'Ulm'].map((text) => ({ text }))
  expect(sizes(chunkByBytes(items, 10))).toEqual([[5], [6, 3]])
})

test('nothing makes no chunk', () => {
  expect(chunkByBytes([], 10)).toEqual([])
})
