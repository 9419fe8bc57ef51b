import { expect, test } from 'vitest'
import { memoryKafka } from './index.ts'

test('producers fail as when Kafka is away, until they are restored', async () => {
  const kafka = memoryKafka()
  const producer = kafka.producer()
  kafka.fail('cities')
  const away = { code: 'KT_PRODUCE_TIMEOUT', retryable: true }
  await expect(producer.produce('1', { topic: 'cities' })).rejects.toMatchObject(away)
  await expect(producer.keyPartitioner('cities')).rejects.toMatchObject(away)
  await expect(producer.ensureTopic('cities')).rejects.toMatchObject(away)
  const both = producer.batch((batch) => {
    batch.produce('1', { topic: 'cities' })
    batch.produce('1', { topic: 'countries' })
  })
  await expect(both).rejects.toMatchObject(away)
  expect(kafka.messages('cities')).toEqual([])
  // As with a real Kafka, a batch is not atomic.
  expect(kafka.messages('countries')).toHaveLength(1)
  kafka.restore('cities')
  await producer.produce('2', { topic: 'cities' })
  const error = new Error('mine')
  kafka.fail(undefined, error)
  await expect(producer.produce('3', { topic: 'anything' })).rejects.toBe(error)
  kafka.restore()
  await producer.produce('4', { topic: 'cities' })
  expect(kafka.messages('cities').map(({ value }) => value)).toEqual([2, 4])
})

test('producers report where a batch was written, and refuse what Kafka refuses', async () => {
  const producer = memoryKafka({ topics: { cities: 2 } }).producer()
  const written: unknown[] = []
  await producer.batch(
    (batch) => {
      for (const partition of [0, 0, 1]) batch.produce('x', { topic: 'cities', partition })
    },
    { onWritten: (topic, ranges) => written.push(topic, ...ranges) },
  )
  expect(written).toEqual(['cities', [0, { from: 0n, end: 2n }], [1, { from: 0n, end: 1n }]])
  const invalid = { code: 'KT_OPTION_INVALID' }
  await expect(producer.produce(7 as never, { topic: 'cities' })).rejects.toMatchObject(invalid)
  await expect(producer.produce('x', { topic: 'no topic' })).rejects.toMatchObject({
    code: 'KT_PRODUCE_FAILED',
    retryable: false,
  })
})

test('keyPartitioner agrees with produce', async () => {
  const kafka = memoryKafka({ partitions: 7 })
  const producer = kafka.producer()
  const partitionOf = await producer.keyPartitioner('cities')
  for (let id = 0; id < 50; id++) await producer.produce('{}', { topic: 'cities', key: String(id) })
  for (const { key, partition } of kafka.messages('cities')) expect(partition).toBe(partitionOf(key ?? ''))
})
