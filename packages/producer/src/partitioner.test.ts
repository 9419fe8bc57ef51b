import { assert, integer, property, string } from 'fast-check'
import { Partitioners } from 'kafkajs'
import type { PartitionMetadata } from 'kafkajs'
import { expect, test } from 'vitest'
import { OutgoingMessage } from './outgoing-message.ts'
import { partitioner } from './partitioner.ts'
import { PendingCall } from './pending-call.ts'

function partitions(count: number, leader = 1): PartitionMetadata[] {
  return Array.from({ length: count }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader,
    replicas: [1],
    isr: [1],
  }))
}

test('chooses by key as the default partitioner of kafkajs does', () => {
  const ours = partitioner()
  const theirs = Partitioners.DefaultPartitioner()
  assert(
    property(string({ unit: 'grapheme' }), integer({ min: 1, max: 300 }), (key, count) => {
      const args = { topic: 'cities', partitionMetadata: partitions(count), message: { key, value: null } }
      expect(ours(args)).toBe(theirs(args))
    }),
  )
})

test('obeys the caller, and notes the choice on the message', () => {
  const message = new OutgoingMessage(
    'x',
    { topic: 'cities', partition: 7, key: 'k' },
    new PendingCall('cities'),
  )
  expect(partitioner()({ topic: 'cities', partitionMetadata: partitions(2), message })).toBe(7)
  expect(message.assigned).toBe(7)
})

test('spreads messages without a key evenly over the partitions that have a leader', () => {
  const choose = partitioner()
  const partitionMetadata = [
    ...partitions(3),
    { ...partitions(1, -1)[0], partitionId: 3 } as PartitionMetadata,
  ]
  const counts = new Map<number, number>()
  for (let turn = 0; turn < 40; turn += 1) {
    const partition = choose({ topic: 'cities', partitionMetadata, message: { value: 'x' } })
    counts.set(partition, (counts.get(partition) ?? 0) + 1)
  }
  expect(new Set(counts.keys())).toEqual(new Set([0, 1, 2]))
  expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(10)
})
