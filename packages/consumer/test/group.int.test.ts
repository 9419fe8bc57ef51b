import { waitFor } from 'testkit'
import { describe, expect, it } from 'vitest'
import { numbers, texts, useFixture } from './support/fixture.ts'
import { startWorkerProcess } from './support/worker-process.ts'

const fixture = useFixture(import.meta.url)

describe('groups', () => {
  it('gives everything to each of two workers with different names', async () => {
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

  it('shares the partitions among workers of the same name, in one process', async () => {
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
      // kafkajs silently drops what goes to a partition that it doesn't know yet.
      await send(topic, 1, ['new'])
      return seen.length > 0
    })
    expect(seen[0]).toBe('new')
  })

  it('lets one of two workers for the same partition work and the other stand by until it is closed', async () => {
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

  it('loses nothing while workers come and go', async () => {
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

  it('refuses a second worker of one name on one Kafka instance, and says how to have it', async () => {
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
