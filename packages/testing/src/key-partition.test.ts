import kafkajs from 'kafkajs'
import { expect, test } from 'vitest'
import { keyPartition } from './key-partition.ts'

test('chooses the partitions that kafkajs chooses', () => {
  const choose = kafkajs.Partitioners.DefaultPartitioner()
  const partitionMetadata = Array.from({ length: 12 }, (_, partitionId) => ({
    partitionId,
    leader: 0,
    partitionErrorCode: 0,
    replicas: [],
    isr: [],
  }))
  for (const key of [
    '',
    '1',
    '42',
    'abc',
    'Zürich',
    'ß',
    ...Array.from({ length: 300 }, (_, i) => `k${i ** 3}`),
  ])
    expect(keyPartition(key, 12)).toBe(
      choose({ topic: 't', partitionMetadata, message: { key, value: null } }),
    )
})
