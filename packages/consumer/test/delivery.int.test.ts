import type { Message } from '@kt/core'
import { gate, waitFor } from 'testkit'
import { describe, expect, it } from 'vitest'
import { numbers, texts, useFixture } from './support/fixture.ts'

const fixture = useFixture(import.meta.url)

describe('delivery', () => {
  it('delivers every message once, in batches of one to batchSize', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('batches')
    await send(topic, 0, numbers(25))
    const sizes: number[] = []
    const seen: string[] = []
    const worker = await consumer().consume({ topic, name: topic, batchSize: 10 }, async (messages) => {
      sizes.push(messages.length)
      seen.push(...texts(messages))
    })
    await worker.whenCaughtUp()
    expect(seen).toEqual(numbers(25))
    expect(Math.max(...sizes)).toBe(10)
    expect(Math.min(...sizes)).toBeGreaterThan(0)
  })

  it('passes key, headers, timestamp, partition and offset to the handler', async () => {
    const { scope, consumer } = fixture()
    const topic = await scope.createTopic('fields', { partitions: 2 })
    const producer = scope.kafka().producer()
    await producer.connect()
    await producer.send({
      topic,
      messages: [{ key: 'k', value: 'v', partition: 1, headers: { 'kt-change-id': 'c' }, timestamp: '1234' }],
    })
    await producer.send({ topic, messages: [{ value: null, partition: 1 }] })
    await producer.disconnect()
    const seen: Message[] = []
    const worker = await consumer().consume({ topic, name: topic }, async (messages) => {
      seen.push(...messages)
    })
    await worker.whenCaughtUp()
    const [first, second] = seen
    expect(first).toMatchObject({ topic, partition: 1, offset: 0n, key: 'k', timestampMs: 1234 })
    expect(first?.headers).toEqual({ 'kt-change-id': 'c' })
    expect(second).toMatchObject({ offset: 1n, key: null, value: null, headers: {} })
  })

  it('handles one batch of a partition at a time and in order, and partitions concurrently', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('order', { partitions: 2 })
    await send(topic, 0, numbers(50))
    await send(topic, 1, numbers(50))
    const seen = new Map<number, string[]>()
    const running = new Set<number>()
    const both = gate()
    const worker = await consumer().consume(
      { topic, name: topic, batchSize: 7 },
      async (messages, { partition }) => {
        expect(running.has(partition)).toBe(false)
        running.add(partition)
        // Neither partition goes on before both are in their handlers. Handled one by one, this test would hang.
        if (running.size === 2) both.open()
        await both.opened
        seen.set(partition, [...(seen.get(partition) ?? []), ...texts(messages)])
        running.delete(partition)
      },
    )
    await worker.whenCaughtUp()
    expect(seen.get(0)).toEqual(numbers(50))
    expect(seen.get(1)).toEqual(numbers(50))
  })

  it('commits only after the handler has succeeded', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('commit')
    await send(topic, 0, numbers(3))
    const entered = gate()
    const finish = gate()
    const worker = await consumer().consume({ topic, name: topic }, async () => {
      entered.open()
      await finish.opened
    })
    await entered.opened
    expect(await worker.lag()).toBe(3n)
    finish.open()
    await worker.whenCaughtUp()
    expect(await worker.lag()).toBe(0n)
  })

  it('delivers unfinished messages of a worker again to the next one', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('again')
    await send(topic, 0, numbers(3))
    const failed = gate()
    const first = await consumer().consume({ topic, name: topic }, () => {
      failed.open()
      return Promise.reject(new Error('database away'))
    })
    await failed.opened
    await first.close()
    const seen: string[] = []
    const second = await consumer().consume({ topic, name: topic }, async (messages) => {
      seen.push(...texts(messages))
    })
    await second.whenCaughtUp()
    expect(seen).toEqual(numbers(3))
  })

  it('finishes and commits the current batch when it is closed, and starts no other', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('closing')
    await send(topic, 0, numbers(10))
    const entered = gate()
    const finish = gate()
    let batches = 0
    const worker = await consumer().consume({ topic, name: topic, batchSize: 5 }, async () => {
      batches += 1
      entered.open()
      await finish.opened
    })
    await entered.opened
    const closed = worker.close()
    finish.open()
    await closed
    await worker.close()
    expect(batches).toBe(1)
    const admin = scope.kafka().admin()
    await admin.connect()
    const [group] = await admin.fetchOffsets({ groupId: topic, topics: [topic] })
    await admin.disconnect()
    expect(group?.partitions[0]?.offset).toBe('5')
  })

  it('aborts the signal of a handler that does not return in time, and commits nothing', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('grace')
    await send(topic, 0, numbers(1))
    const entered = gate()
    const worker = await consumer({ closeTimeoutMs: 100 }).consume(
      { topic, name: topic },
      (_messages, { signal }) => {
        entered.open()
        return new Promise((resolve) => {
          signal.addEventListener('abort', () => resolve())
        })
      },
    )
    await entered.opened
    await worker.close()
    const redelivered: string[] = []
    const next = await consumer().consume({ topic, name: topic }, async (messages) => {
      redelivered.push(...texts(messages))
    })
    await next.whenCaughtUp()
    expect(redelivered).toEqual(['0'])
  })

  it('skips a message that can never be handled once its dead letter is written', async () => {
    const { KtError } = await import('@kt/core')
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('poison')
    await send(topic, 0, numbers(100))
    const handled: string[] = []
    const dead: string[] = []
    const worker = await consumer().consume(
      {
        topic,
        name: topic,
        deadLetter: async (message) => {
          dead.push(...texts([message]))
        },
      },
      async (messages) => {
        if (texts(messages).includes('42'))
          throw new KtError('KT_DOCUMENT_FAILED', 'cannot be handled', { retryable: false })
        handled.push(...texts(messages))
      },
    )
    await worker.whenCaughtUp()
    expect(dead).toEqual(['42'])
    expect(handled).toHaveLength(99)
  })

  it('pauses a partition until the given offset is due, and handles other partitions meanwhile', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('pause', { partitions: 2 })
    await send(topic, 0, numbers(4))
    let release = false
    const seen: string[] = []
    const other: string[] = []
    const worker = await consumer().consume({ topic, name: topic }, async (messages, { partition }) => {
      if (partition === 1) {
        other.push(...texts(messages))
        return undefined
      }
      const from = messages.find(({ offset }) => offset === 2n)
      const ready = release || !from ? messages : messages.filter(({ offset }) => offset < 2n)
      seen.push(...texts(ready))
      return ready.length === messages.length ? undefined : { from: 2n, forMs: 50 }
    })
    await waitFor(() => seen.length === 2)
    // Messages before the pause are committed before it ends.
    await waitFor(async () => (await worker.lag()) === 2n)
    await send(topic, 1, ['meanwhile'])
    await waitFor(() => other.length === 1)
    expect(seen).toEqual(['0', '1'])
    release = true
    await worker.whenCaughtUp()
    expect(seen).toEqual(numbers(4))
  })
})
