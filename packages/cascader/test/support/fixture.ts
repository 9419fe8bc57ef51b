import { Cascader } from '@kt/cascader'
import type { CascaderOptions } from '@kt/cascader'
import { Consumer } from '@kt/consumer'
import { silentLogger } from '@kt/core'
import type { BatchContext, Consumption, Message, MessageHandler } from '@kt/core'
import { Producer } from '@kt/producer'
import { createTestScope } from 'testkit'
import type { TestScope } from 'testkit'
import { afterAll, afterEach, beforeAll } from 'vitest'

export interface Fixture {
  readonly scope: TestScope
  readonly producer: Producer
  readonly cascader: (options: Pick<CascaderOptions, 'name'> & Partial<CascaderOptions>) => Cascader
  readonly consumer: Consumer
  /** Creates a worker that is closed after the test. */
  readonly consume: (
    topic: string,
    name: string,
    handler: (messages: readonly Message[], context: BatchContext) => Promise<unknown>,
  ) => Promise<Consumption>
}

/** Provides a test file's scope, and closes everything that a test starts after the test. */
export function useFixture(fileUrl: string): () => Fixture {
  let scope: TestScope
  let producer: Producer
  let consumer: Consumer
  const running: Consumption[] = []
  beforeAll(async () => {
    scope = await createTestScope(fileUrl)
    producer = new Producer({ kafka: scope.kafka() })
    consumer = new Consumer({ kafka: () => scope.kafka(), logger: silentLogger })
  })
  afterEach(async () => {
    await Promise.all(running.splice(0).map((each) => each.close()))
  })
  afterAll(async () => {
    await consumer.close()
    await producer.close()
    await scope.close()
  })
  return () => ({
    scope,
    producer,
    consumer,
    cascader: (options) => new Cascader({ producer, logger: silentLogger, ...options }),
    consume: async (topic, name, handler) => {
      const consumer = new Consumer({
        kafka: () => scope.kafka(),
        logger: silentLogger,
        retry: { initialMs: 10, maxMs: 50 },
      })
      const group = `${scope.prefix}.${name}`
      const consumption = await consumer.consume({ topic, name: group }, async (messages, context) => {
        const result = await handler(messages, context)
        // A cascade returns the number of records it has sent.
        return typeof result === 'number' ? undefined : (result as Awaited<ReturnType<MessageHandler>>)
      })
      running.push(consumption)
      return consumption
    },
  })
}

/** Returns the keys of the topic's messages, each with its message's chain. */
export async function keysAndChains(
  scope: TestScope,
  topic: string,
): Promise<[string | null, string | undefined][]> {
  return (await scope.readTopic(topic)).map(({ key, headers }) => [key, headers['kt-cascade']])
}
