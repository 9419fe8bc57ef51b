import type { BatchContext, Message, MessageConsumer } from '@kt/core'
import { expect, test } from 'vitest'
import { gate } from '../gate.ts'
import type { MakeAdapter } from './adapter.ts'
import { useScope } from './adapter.ts'
import { numbered, text } from './numbered.ts'

export function describeDelivery(make: MakeAdapter<MessageConsumer>): void {
  const scope = useScope('deliver')

  test('delivers a complete message', async () => {
    const topic = await scope().createTopic('whole', { partitions: 2 })
    const value = Buffer.from([0, 255, 128])
    await scope().send(topic, [{ partition: 1, key: 'k', value, headers: { change: 'c-1' } }])
    await using consumer = await make(scope())
    const seen: Message[] = []
    await using consumption = await consumer.consume(
      { topic, name: scope().topic('whole') },
      async (messages) => {
        seen.push(...messages)
      },
    )
    await consumption.whenCaughtUp()
    expect(seen).toMatchObject([{ topic, partition: 1, offset: 0n, key: 'k', headers: { change: 'c-1' } }])
    expect(Buffer.from(seen[0]?.value ?? [])).toEqual(value)
    expect(Math.abs((seen[0]?.timestampMs ?? 0) - Date.now())).toBeLessThan(60_000)
  })

  test('delivers a message without key, value and headers', async () => {
    const topic = await scope().createTopic('bare')
    await scope().send(topic, [{ value: null }])
    await using consumer = await make(scope())
    const seen: Message[] = []
    await using consumption = await consumer.consume(
      { topic, name: scope().topic('bare') },
      async (messages) => {
        seen.push(...messages)
      },
    )
    await consumption.whenCaughtUp()
    expect(seen).toMatchObject([{ key: null, value: null, headers: {} }])
  })

  test('a batch contains 1 to batchSize messages of one partition, in order, each once', async () => {
    const topic = await scope().createTopic('batches', { partitions: 2 })
    await scope().send(topic, [...numbered(95, 0), ...numbered(42, 1)])
    await using consumer = await make(scope())
    const name = scope().topic('batches')
    const batches: { messages: readonly Message[]; context: BatchContext }[] = []
    await using consumption = await consumer.consume(
      { topic, name, batchSize: 10 },
      async (messages, context) => {
        batches.push({ messages, context })
      },
    )
    await consumption.whenCaughtUp()
    for (const { messages, context } of batches) {
      expect(messages.length).toBeGreaterThanOrEqual(1)
      expect(messages.length).toBeLessThanOrEqual(10)
      expect(new Set(messages.map(({ partition }) => partition))).toEqual(new Set([context.partition]))
      expect(context).toMatchObject({ topic, attempt: 1 })
    }
    const ofPartition = (wanted: number): string[] =>
      batches
        .filter(({ context }) => context.partition === wanted)
        .flatMap(({ messages }) => messages.map(text))
    expect(ofPartition(0)).toEqual(numbered(95, 0).map(({ value }) => value))
    expect(ofPartition(1)).toEqual(numbered(42, 1).map(({ value }) => value))
  })

  test('handles one batch of a partition at a time, and different partitions concurrently', async () => {
    const topic = await scope().createTopic('concurrent', { partitions: 2 })
    await scope().send(topic, [...numbered(20, 0), ...numbered(20, 1)])
    await using consumer = await make(scope())
    const running = new Set<number>()
    let overlaps = 0
    const both = gate()
    const options = { topic, name: scope().topic('concurrent'), batchSize: 5 }
    await using consumption = await consumer.consume(options, async (_messages, { partition }) => {
      if (running.has(partition)) overlaps++
      running.add(partition)
      if (running.size === 2) both.open()
      // Each partition stays in its handler until the other one has entered its own.
      await both.opened
      running.delete(partition)
    })
    await consumption.whenCaughtUp()
    expect(overlaps).toBe(0)
  })
}

export function describeSharing(make: MakeAdapter<MessageConsumer>): void {
  const scope = useScope('share')

  test('workers of different consumer groups each get all messages', async () => {
    const topic = await scope().createTopic('names')
    await scope().send(topic, numbered(10))
    await using consumer = await make(scope())
    const seen = { one: [] as string[], two: [] as string[] }
    for (const name of ['one', 'two'] as const) {
      const consumption = await consumer.consume({ topic, name: scope().topic(name) }, async (messages) => {
        seen[name].push(...messages.map(text))
      })
      await consumption.whenCaughtUp()
    }
    expect(seen.one).toHaveLength(10)
    expect(seen.two).toEqual(seen.one)
  })

  test('a worker restricted to one partition gets only that partition', async () => {
    const topic = await scope().createTopic('partition', { partitions: 3 })
    await using consumer = await make(scope())
    const seen: Message[] = []
    const options = { topic, name: scope().topic('partition'), partition: 1 }
    await using _ = await consumer.consume(options, async (messages) => void seen.push(...messages))
    await scope().send(
      topic,
      [0, 1, 2].flatMap((partition) => numbered(3, partition)),
    )
    await scope().waitFor(() => seen.length >= 3, { what: 'The three messages' })
    expect(seen.map(({ partition }) => partition)).toEqual([1, 1, 1])
  })
}
