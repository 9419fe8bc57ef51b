import { GroupMonitor } from '@kt/consumer'
import type { Message } from '@kt/core'
import { waitFor } from 'testkit'
import { describe, expect, it } from 'vitest'
import { numbers, texts, useFixture } from './support/fixture.ts'
import { startWorkerProcess } from './support/worker-process.ts'

const fixture = useFixture(import.meta.url)

describe('groups', () => {
  it('gives all messages to each of two workers of different consumer groups', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('names', { partitions: 2 })
    await send(topic, 0, numbers(5))
    await send(topic, 1, numbers(5, 5))
    const seen: Record<string, string[]> = { a: [], b: [] }
    const both = consumer()
    for (const name of ['a', 'b']) {
      const worker = await both.consume({ topic, name: `${topic}-${name}` }, async (messages) => {
        seen[name]?.push(...texts(messages))
      })
      await worker.whenCaughtUp()
    }
    const sorted = (name: string): string[] | undefined =>
      seen[name]?.toSorted((x, y) => Number(x) - Number(y))
    expect(sorted('a')).toEqual(numbers(10))
    expect(sorted('b')).toEqual(numbers(10))
  })

  it('shares the partitions among workers of one consumer group, in one process', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('share', { partitions: 4 })
    const partitions = { a: new Set<number>(), b: new Set<number>() }
    const shared = consumer()
    const a = await shared.consume({ topic, name: topic }, async (_messages, { partition }) => {
      partitions.a.add(partition)
    })
    await shared.consume({ topic, name: topic }, async (_messages, { partition }) => {
      partitions.b.add(partition)
    })
    await waitFor(async () => {
      for (const partition of [0, 1, 2, 3]) await send(topic, partition, ['x'])
      await a.whenCaughtUp()
      return partitions.b.size === 2
    })
    expect(partitions.a.size).toBeGreaterThanOrEqual(2)
  })

  it('reads partitions that are added while it runs', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('later', { partitions: 1 })
    const seen: string[] = []
    await consumer({ metadataMaxAgeMs: 500 }).consume({ topic, name: topic }, async (messages) => {
      seen.push(...texts(messages))
    })
    const admin = scope.kafka().admin()
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
    await admin.disconnect()
    await waitFor(async () => {
      // kafkajs silently drops messages for a partition that it doesn't know yet.
      await send(topic, 1, ['new'])
      return seen.length > 0
    })
    expect(seen[0]).toBe('new')
  })

  it('lets one of two workers for the same partition work, and keeps the other as a standby', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('standby', { partitions: 2 })
    const seen: [string, number][] = []
    const start = (id: string): ReturnType<ReturnType<typeof consumer>['consume']> =>
      consumer().consume({ topic, name: topic, partition: 1 }, async (messages, { partition }) => {
        seen.push(...messages.map((): [string, number] => [id, partition]))
      })
    const active = await start('active')
    const standby = await start('standby')
    await send(topic, 1, numbers(3))
    await send(topic, 0, ['not wanted'])
    await standby.whenCaughtUp()
    expect(seen).toEqual([
      ['active', 1],
      ['active', 1],
      ['active', 1],
    ])
    await active.close()
    await send(topic, 1, ['after'])
    await standby.whenCaughtUp()
    expect(seen.at(-1)).toEqual(['standby', 1])
  })

  it('lets the standby take over when the active worker is killed', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('killed', { partitions: 2 })
    const active = await startWorkerProcess({ brokers: scope.brokers, topic, name: topic, partition: 1 })
    const seen: string[] = []
    const standby = await consumer().consume({ topic, name: topic, partition: 1 }, async (messages) => {
      seen.push(...texts(messages))
    })
    await send(topic, 1, ['before'])
    await standby.whenCaughtUp()
    expect(seen).toEqual([])
    await active.kill()
    await send(topic, 1, ['after'])
    await standby.whenCaughtUp()
    expect(seen).toEqual(['after'])
  })

  it('loses nothing while workers join and leave', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('storm', { partitions: 4 })
    const seen = new Set<string>()
    const steady = await consumer().consume({ topic, name: topic, batchSize: 5 }, async (messages) => {
      for (const text of texts(messages)) seen.add(text)
    })
    let sent = 0
    for (let round = 0; round < 4; round += 1) {
      const guest = await consumer().consume({ topic, name: topic, batchSize: 5 }, async (messages) => {
        for (const text of texts(messages)) seen.add(text)
      })
      for (const partition of [0, 1, 2, 3]) {
        await send(topic, partition, numbers(100, sent))
        sent += 100
      }
      await guest.close()
    }
    await steady.whenCaughtUp()
    expect(seen.size).toBe(sent)
  })

  it('rejects a second worker of a group on one Kafka instance, and suggests a solution', async () => {
    const { scope, consumer } = fixture()
    const topic = await scope.createTopic('instance')
    const one = consumer({ kafka: scope.kafka() })
    const first = await one.consume({ topic, name: topic }, async () => undefined)
    await expect(one.consume({ topic, name: topic }, async () => undefined)).rejects.toMatchObject({
      code: 'KT_OPTION_INVALID',
      message: expect.stringContaining('a function that makes a Kafka instance') as string,
    })
    await first.close()
    await expect(one.consume({ topic, name: topic }, async () => undefined)).resolves.toBeDefined()
  })
})

describe('a new group that starts at the latest message', () => {
  it('skips existing messages, loses no later ones, and continues where it stopped', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('latest', { partitions: 2 })
    await send(topic, 0, numbers(5))
    const options = { topic, name: topic, from: 'latest' } as const
    const seen: string[] = []
    const work = async (messages: readonly Message[]): Promise<void> => void seen.push(...texts(messages))
    const first = await consumer().consume(options, work)
    expect(await first.lag()).toBe(0n)
    await send(topic, 0, ['5'])
    await first.whenCaughtUp()
    await first.close()
    // While no worker is running, also in a partition from which nothing was read yet.
    await send(topic, 0, ['6'])
    await send(topic, 1, ['7'])
    const second = await consumer().consume(options, work)
    await second.whenCaughtUp()
    expect(seen.toSorted()).toEqual(['5', '6', '7'])
  })

  it('reads partitions that are added later from their beginning', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('latest-grown', { partitions: 1 })
    const seen: string[] = []
    const options = { topic, name: topic, from: 'latest' } as const
    await consumer({ metadataMaxAgeMs: 500 }).consume(options, async (messages) => {
      seen.push(...texts(messages))
    })
    const admin = scope.kafka().admin()
    await admin.connect()
    await admin.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
    await admin.disconnect()
    await waitFor(async () => {
      await send(topic, 1, ['new'])
      return seen.length > 0
    })
    expect(new Set(seen)).toEqual(new Set(['new']))
  })

  it('does so once, even if several workers start at the same time', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('latest-many', { partitions: 2 })
    await send(topic, 0, numbers(5))
    const seen: string[] = []
    const shared = consumer()
    const workers = await Promise.all(
      [1, 2, 3].map(() =>
        shared.consume({ topic, name: topic, from: 'latest' }, async (messages) => {
          seen.push(...texts(messages))
        }),
      ),
    )
    await send(topic, 1, ['late'])
    await workers[0]?.whenCaughtUp()
    expect(seen).toEqual(['late'])
  })
})

describe('a group whose workers are in another process', () => {
  it('reports its lag, and when it has caught up', async () => {
    const { scope, consumer, send } = fixture()
    const topic = await scope.createTopic('monitored')
    await send(topic, 0, numbers(3))
    await using monitor = new GroupMonitor({ kafka: scope.kafka(), topic, name: topic })
    expect(await monitor.lag()).toBe(3n)
    await expect(monitor.whenCaughtUp({ timeoutMs: 300 })).rejects.toMatchObject({
      code: 'KT_CATCH_UP_TIMEOUT',
    })
    const caughtUp = monitor.whenCaughtUp()
    const worker = await consumer().consume({ topic, name: topic }, () => Promise.resolve())
    await caughtUp
    expect(await monitor.lag()).toBe(0n)
    expect(worker.isReady()).toBe(true)
    await worker.close()
    expect(worker.isReady()).toBe(false)
  })
})
