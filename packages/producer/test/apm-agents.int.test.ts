import { Producer } from '@kt/producer'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addHeaders, clone, traceparent, withAgent } from './support/with-agent.ts'

let scope: TestScope

beforeAll(async () => {
  scope = await createTestScope(import.meta.url)
})
afterAll(() => scope.close())

describe.each([
  ['adds headers to the messages', addHeaders],
  ['clones the messages', clone],
])('an agent that %s in sendBatch', (_, change) => {
  function tracedProducer(): Producer {
    return new Producer({ kafka: withAgent(scope.kafka(), change) })
  }

  test.each([
    ['with headers', { source: 'import' }],
    ['without headers', undefined],
  ])('messages %s are acknowledged, alone and in a batch', async (name, headers) => {
    const topic = await scope.createTopic(`${change.name} ${name}`.replaceAll(' ', '-'), { partitions: 3 })
    await using producer = tracedProducer()
    const options = { topic, key: '1', ...(headers !== undefined && { headers }) }
    for (let index = 0; index < 5; index += 1) await producer.produce(String(index), options)
    await producer.batch((batch) => {
      for (let index = 5; index < 55; index += 1) batch.produce(String(index), options)
    })
    const messages = await scope.readTopic(topic)
    expect(messages.map(({ text }) => text)).toEqual(Array.from({ length: 55 }, (_each, index) => `${index}`))
    for (const message of messages) expect(message.headers).toMatchObject({ ...headers, traceparent })
  })

  test('an unknown partition is still reported, and the other messages are acknowledged', async () => {
    const topic = await scope.createTopic(`${change.name}-partitions`, { partitions: 2 })
    await using producer = tracedProducer()
    const good = [
      producer.produce('0', { topic, partition: 0 }),
      producer.produce('1', { topic, partition: 1 }),
    ]
    const lost = producer.produce('2', { topic, partition: 2 })
    await expect(lost).rejects.toMatchObject({ code: 'KT_PARTITION_UNKNOWN' })
    await Promise.all(good)
    expect((await scope.readTopic(topic)).map(({ text }) => text)).toEqual(['0', '1'])
  })

  test('splits a request that headers make larger than the topic allows', async () => {
    const topic = await scope.createTopic(`${change.name}-large`, {
      config: { 'max.message.bytes': '20000' },
    })
    await using producer = tracedProducer()
    await producer.batch((batch) => {
      for (let index = 0; index < 50; index += 1) batch.produce(String(index), { topic })
    })
    expect((await scope.readTopic(topic)).map(({ text }) => text)).toEqual(
      Array.from({ length: 50 }, (_each, index) => `${index}`),
    )
  })
})
