import type { Message } from '@kt/core'
import { silentLogger } from '@kt/core'
import { Consumer } from '@kt/consumer'
import type { ConsumerOptions } from '@kt/consumer'
import { Partitioners } from 'kafkajs'
import type { Producer } from 'kafkajs'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, afterEach, beforeAll } from 'vitest'

export interface Fixture {
  readonly scope: TestScope
  /** Creates a consumer that is closed after the test. */
  readonly consumer: (options?: Partial<ConsumerOptions>) => Consumer
  /** Sends messages with these values to a partition. */
  readonly send: (topic: string, partition: number, values: readonly string[]) => Promise<void>
}

/** Provides a test file's scope, and closes everything that a test starts after the test. */
export function useFixture(fileUrl: string): () => Fixture {
  let scope: TestScope
  let producer: Producer
  const consumers: Consumer[] = []
  beforeAll(async () => {
    scope = await createTestScope(fileUrl)
    producer = scope.kafka().producer({ createPartitioner: Partitioners.DefaultPartitioner })
    await producer.connect()
  })
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.close()))
  })
  afterAll(async () => {
    await producer.disconnect()
    await scope.close()
  })
  return () => ({
    scope,
    consumer: (options) => {
      const consumer = new Consumer({
        kafka: () => scope.kafka(),
        logger: silentLogger,
        sessionTimeoutMs: 6_000,
        maxWaitMs: 100,
        retry: { initialMs: 20, maxMs: 100 },
        ...options,
      })
      consumers.push(consumer)
      return consumer
    },
    send: async (topic, partition, values) => {
      const messages = values.map((value) => ({ value, partition }))
      await producer.send({ topic, messages })
    },
  })
}

/** Returns the values of messages as text. */
export function texts(messages: readonly Message[]): string[] {
  return messages.map(({ value }) => new TextDecoder().decode(value ?? undefined))
}

export function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => String(from + index))
}
