import { silentLogger, encodeDelayMessage } from '@kt/core'
import { Consumer } from '@kt/consumer'
import { Delayer } from '@kt/delayer'
import type { DelayerOptions } from '@kt/delayer'
import { Producer } from '@kt/producer'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, afterEach, beforeAll } from 'vitest'

export interface Fixture {
  readonly scope: TestScope
  readonly producer: Producer
  /** Starts a Delayer with its own consumer. Both are closed after the test. */
  readonly delayer: (options: Pick<DelayerOptions, 'topic'> & Partial<DelayerOptions>) => Promise<Delayer>
  /** Creates a delay topic with the broker's timestamps. */
  readonly delayTopic: (name: string, partitions?: number) => Promise<string>
  /** Sends delay messages for these ids, with the target topic `to`, to the delay topic. */
  readonly delay: (topic: string, ids: readonly number[], to: string) => Promise<void>
}

/** Provides a test file's scope, and closes everything that a test starts after the test. */
export function useFixture(fileUrl: string): () => Fixture {
  let scope: TestScope
  let producer: Producer
  const closeables: { close(): Promise<void> }[] = []
  beforeAll(async () => {
    scope = await createTestScope(fileUrl)
    producer = new Producer({ kafka: scope.kafka() })
  })
  afterEach(async () => {
    await Promise.all(closeables.splice(0).map((each) => each.close()))
  })
  afterAll(async () => {
    await producer.close()
    await scope.close()
  })
  return () => ({
    scope,
    producer,
    delayer: async (options) => {
      const consumer = new Consumer({
        kafka: () => scope.kafka(),
        sessionTimeoutMs: 6_000,
        maxWaitMs: 100,
        logger: silentLogger,
      })
      const delayer = new Delayer({
        consumer,
        producer,
        logger: silentLogger,
        name: options.topic,
        ...options,
      })
      closeables.push(consumer, delayer)
      await delayer.run()
      return delayer
    },
    delayTopic: (name, partitions = 1) =>
      scope.createTopic(name, { partitions, config: { 'message.timestamp.type': 'LogAppendTime' } }),
    delay: (topic, ids, to) =>
      producer.batch((batch) => {
        for (const id of ids)
          batch.produce(encodeDelayMessage({ payload: { id }, topic: to, createdAtMs: Date.now() }), {
            topic,
            key: String(id),
            headers: { 'kt-change-id': `change-${id}`, 'kt-delay-ms': '100' },
          })
      }),
  })
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index)
}

/** Returns the broker's timestamp of each message, by key. */
export function timestamps(messages: Awaited<ReturnType<TestScope['readTopic']>>): Map<string, number> {
  return new Map(messages.map(({ key, timestampMs }) => [key ?? '', timestampMs]))
}
