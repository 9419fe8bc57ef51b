import type { Message } from '@kt/core'
import { beforeEach, describe, expect, it } from 'vitest'
import { kafkaMessages } from '../../test/support/kafka-messages.ts'
import { PartitionBuffer } from './partition-buffer.ts'

function offsets(messages: readonly Message[]): number[] {
  return messages.map(({ offset }) => Number(offset))
}

describe('PartitionBuffer', () => {
  let buffer: PartitionBuffer

  beforeEach(() => {
    buffer = new PartitionBuffer('topic', 0)
  })

  it('fills a batch across fetches, in order', () => {
    buffer.push({ messages: kafkaMessages(0, 1), endOffset: 2n })
    buffer.push({ messages: kafkaMessages(2, 3), endOffset: 4n })
    expect(offsets(buffer.peek(2))).toEqual([0, 1])
    expect(offsets(buffer.peek(3))).toEqual([0, 1, 2])
    expect(offsets(buffer.peek(10))).toEqual([0, 1, 2, 3])
  })

  it('continues after dropped messages', () => {
    buffer.push({ messages: kafkaMessages(0, 1, 2), endOffset: 3n })
    buffer.push({ messages: kafkaMessages(3, 4, 5), endOffset: 6n })
    expect(buffer.drop(4)).toBe(4n)
    expect(offsets(buffer.peek(1))).toEqual([4])
    expect(offsets(buffer.peek(10))).toEqual([4, 5])
  })

  it('commits the offset after the last message inside a fetch, and the end offset at its end', () => {
    buffer.push({ messages: kafkaMessages(0, 1, 2), endOffset: 5n })
    expect(buffer.drop(2)).toBe(2n)
    expect(buffer.drop(1)).toBe(5n)
    expect(buffer.peek(1)).toEqual([])
  })

  it('commits transaction markers with the last message before them', () => {
    buffer.push({ messages: kafkaMessages(0), endOffset: 1n })
    expect(buffer.extend(3n)).toBe(true)
    expect(buffer.drop(1)).toBe(3n)
    expect(buffer.extend(4n)).toBe(false)
  })

  it('counts the bytes of the messages that are left', () => {
    const [small, large] = kafkaMessages(0, 1)
    if (!small || !large) throw new Error('no messages')
    const headers = { name: Buffer.alloc(1_000), list: [Buffer.alloc(2_000), Buffer.alloc(4_000)] }
    buffer.push({ messages: [small], endOffset: 1n })
    const bytesOfSmall = buffer.bytes
    expect(bytesOfSmall).toBeGreaterThan(0)
    const key = Buffer.alloc(10_000)
    buffer.push({ messages: [{ ...large, key, value: Buffer.alloc(100_000), headers }], endOffset: 2n })
    expect(buffer.bytes).toBeGreaterThan(2 * bytesOfSmall + 117_000)
    buffer.drop(1)
    expect(buffer.bytes).toBeGreaterThan(bytesOfSmall + 117_000)
    buffer.drop(1)
    expect(buffer.bytes).toBe(0)
  })
})
