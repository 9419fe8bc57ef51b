import type { Message } from '@kt/core'
import { describe, expect, it } from 'vitest'
import { fetchedMessages } from '../test/support/fetched-messages.ts'
import { PartitionBuffer } from './partition-buffer.ts'

function offsets(messages: readonly Message[]): number[] {
  return messages.map(({ offset }) => Number(offset))
}

describe('PartitionBuffer', () => {
  it('fills a batch across fetches, in order', () => {
    const buffer = new PartitionBuffer()
    buffer.push({ messages: fetchedMessages(0, 1), endOffset: 2n })
    buffer.push({ messages: fetchedMessages(2, 3), endOffset: 4n })
    expect(offsets(buffer.peek(3))).toEqual([0, 1, 2])
    expect(offsets(buffer.peek(10))).toEqual([0, 1, 2, 3])
  })

  it('commits one past the last message inside a fetch, and the end of the fetch at its end', () => {
    const buffer = new PartitionBuffer()
    buffer.push({ messages: fetchedMessages(0, 1, 2), endOffset: 5n })
    expect(buffer.drop(2)).toBe(2n)
    expect(buffer.drop(1)).toBe(5n)
    expect(buffer.peek(1)).toEqual([])
  })

  it('commits transaction markers along with the last message before them', () => {
    const buffer = new PartitionBuffer()
    buffer.push({ messages: fetchedMessages(0), endOffset: 1n })
    expect(buffer.extend(3n)).toBe(true)
    expect(buffer.drop(1)).toBe(3n)
    expect(buffer.extend(4n)).toBe(false)
  })

  it('leaves out what was seen before', () => {
    const buffer = new PartitionBuffer()
    buffer.push({ messages: fetchedMessages(0, 1, 2), seen: 2, endOffset: 3n })
    expect(offsets(buffer.peek(10))).toEqual([2])
    expect(buffer.bytes).toBe(100)
    expect(buffer.drop(1)).toBe(3n)
  })

  it('counts the bytes of what is left', () => {
    const buffer = new PartitionBuffer()
    buffer.push({ messages: fetchedMessages(0, 1, 2), endOffset: 3n })
    buffer.push({ messages: fetchedMessages(3), endOffset: 4n })
    buffer.drop(1)
    expect(buffer.bytes).toBe(300)
    buffer.drop(2)
    expect(buffer.bytes).toBe(100)
  })

  it('counts no bytes when it is empty again', () => {
    const buffer = new PartitionBuffer()
    buffer.push({ messages: fetchedMessages(0, 1), endOffset: 2n })
    expect(buffer.bytes).toBeGreaterThan(0)
    buffer.drop(2)
    expect(buffer.bytes).toBe(0)
  })
})
