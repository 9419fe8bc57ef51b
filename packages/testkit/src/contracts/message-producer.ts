import type { MessageProducer } from '@kt/core'
import { describe, expect, test } from 'vitest'
import type { MakeAdapter } from './adapter.ts'
import { useScope } from './adapter.ts'

const noSuchPartition = 99

/** Tests that every {@link MessageProducer} must pass, on a real Kafka. Call it in a test file of the adapter. */
export function describeMessageProducer(name: string, make: MakeAdapter<MessageProducer>): void {
  describe(`${name} as a MessageProducer`, () => {
    describe('produce', () => {
      describeProduce(make)
    })
    describe('batch', () => {
      describeBatch(make)
    })
    describe('errors', () => {
      describeRefusals(make)
    })
  })
}

function describeProduce(make: MakeAdapter<MessageProducer>): void {
  const scope = useScope('produce')

  test('sends a message with its value, key, headers and partition', async () => {
    const topic = await scope().createTopic('whole', { partitions: 3 })
    await using producer = await make(scope())
    await producer.produce('{"id":1}', {
      topic,
      partition: 2,
      key: '1',
      headers: { change: 'c-1', trace: '' },
    })
    expect(await scope().readTopic(topic)).toMatchObject([
      { partition: 2, key: '1', text: '{"id":1}', headers: { change: 'c-1', trace: '' } },
    ])
  })

  test('accepts text, bytes or null as values', async () => {
    const topic = await scope().createTopic('values')
    await using producer = await make(scope())
    const bytes = new Uint8Array([0, 255, 128])
    for (const value of ['Zürich', '', bytes, null]) await producer.produce(value, { topic })
    const values = (await scope().readTopic(topic)).map(({ value }) => value && Buffer.from(value))
    expect(values).toEqual([Buffer.from('Zürich'), Buffer.from(''), Buffer.from(bytes), null])
  })

  test('without a partition, sends the same key to the same partition', async () => {
    const topic = await scope().createTopic('keys', { partitions: 5 })
    await using producer = await make(scope())
    for (const round of ['first', 'second']) {
      for (let id = 0; id < 10; id++) await producer.produce(round, { topic, key: String(id) })
    }
    const messages = await scope().readTopic(topic)
    const places = new Set(messages.map(({ key, partition }) => `${key} on ${partition}`))
    expect(messages).toHaveLength(20)
    expect(places.size).toBe(10)
  })

  test('keeps the order of the calls within a partition, awaited or not', async () => {
    const topic = await scope().createTopic('order', { partitions: 2 })
    await using producer = await make(scope())
    const values = Array.from({ length: 200 }, (_, index) => String(index))
    await Promise.all(values.map((value) => producer.produce(value, { topic, partition: 1 })))
    await producer.produce('last', { topic, partition: 1 })
    expect((await scope().readTopic(topic)).map(({ text }) => text)).toEqual([...values, 'last'])
  })

  test('the message is in the topic when the call resolves', async () => {
    const topic = await scope().createTopic('acknowledged')
    await using producer = await make(scope())
    await producer.produce('here', { topic })
    expect(await scope().readTopic(topic)).toMatchObject([{ text: 'here' }])
  })
}

function describeBatch(make: MakeAdapter<MessageProducer>): void {
  const scope = useScope('batch')

  test('a batch sends to several topics, in order, and returns what its function returned', async () => {
    const [cities, delay] = await Promise.all([scope().createTopic('cities'), scope().createTopic('delay')])
    await using producer = await make(scope())
    const result = await producer.batch(async (batch) => {
      batch.produce('1', { topic: cities, key: 'a', headers: { n: '1' } })
      await Promise.resolve()
      batch.produce('2', { topic: delay })
      batch.produce('3', { topic: cities })
      return 'result'
    })
    expect(result).toBe('result')
    expect(await scope().readTopic(cities)).toMatchObject([
      { text: '1', key: 'a', headers: { n: '1' } },
      { text: '3' },
    ])
    expect(await scope().readTopic(delay)).toMatchObject([{ text: '2' }])
  })

  test('sends nothing before the function has returned, and nothing at all when it throws', async () => {
    const topic = await scope().createTopic('thrown')
    await using producer = await make(scope())
    const failed = producer.batch(async (batch) => {
      batch.produce('never', { topic })
      expect(await scope().readTopic(topic)).toEqual([])
      throw new Error('changed my mind')
    })
    await expect(failed).rejects.toThrow('changed my mind')
    await producer.produce('after', { topic })
    expect(await scope().readTopic(topic)).toMatchObject([{ text: 'after' }])
  })

  test('a batch may be empty', async () => {
    await using producer = await make(scope())
    expect(await producer.batch(() => 7)).toBe(7)
  })
}

function describeRefusals(make: MakeAdapter<MessageProducer>): void {
  const scope = useScope('refuse')

  test('rejects an unknown partition, for a single message and in a batch', async () => {
    const topic = await scope().createTopic('partitions', { partitions: 2 })
    await using producer = await make(scope())
    const missing = { topic, partition: noSuchPartition }
    const unknown = { code: 'KT_PARTITION_UNKNOWN' }
    await expect(producer.produce('lost', missing)).rejects.toMatchObject(unknown)
    await expect(producer.batch((batch) => batch.produce('lost', missing))).rejects.toMatchObject(unknown)
    await producer.produce('kept', { topic, partition: 1 })
    expect((await scope().readTopic(topic)).map(({ text }) => text)).toEqual(['kept'])
  })

  test('rejects calls after closing, and may be closed twice', async () => {
    const topic = await scope().createTopic('closed')
    const producer = await make(scope())
    await producer.produce('before', { topic })
    await producer[Symbol.asyncDispose]()
    await producer[Symbol.asyncDispose]()
    await expect(producer.produce('after', { topic })).rejects.toMatchObject({ code: 'KT_CLOSED' })
    await expect(producer.batch(() => undefined)).rejects.toMatchObject({ code: 'KT_CLOSED' })
    expect((await scope().readTopic(topic)).map(({ text }) => text)).toEqual(['before'])
  })
}
