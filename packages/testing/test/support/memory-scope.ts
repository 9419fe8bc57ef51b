import type { TestScope } from 'testkit'
import { expect, vi } from 'vitest'
import { memoryKafka } from '../../src/index.ts'
import type { MemoryKafka } from '../../src/index.ts'

type SharedParts = Pick<TestScope, 'topic' | 'createTopic' | 'send' | 'readTopic' | 'waitFor' | 'close'>

/** The part of a test scope that the contracts use, on a Kafka in memory whose clock goes on by itself. */
export interface MemoryScope extends SharedParts {
  readonly kafka: MemoryKafka
}

export function createMemoryScope(): MemoryScope {
  const topics: Record<string, number> = {}
  const kafka = memoryKafka({ topics })
  const producer = kafka.producer()
  let isAdvancing = false
  const ticking = setInterval(() => {
    if (isAdvancing) return
    isAdvancing = true
    // A little slower than real time, so that no pause seems too short. Rejects while a handler waits for the test.
    void kafka.clock
      .advance(4)
      .catch(() => undefined)
      .finally(() => (isAdvancing = false))
  }, 5)
  return {
    kafka,
    topic: (name) => name,
    async createTopic(name, { partitions = 1 } = {}) {
      // Read when the topic is first used.
      topics[name] = partitions
      await producer.ensureTopic(name)
      return name
    },
    async send(topic, records) {
      for (const { value, ...options } of records) await producer.produce(value, { ...options, topic })
    },
    async readTopic(topic) {
      const raw = await readAll(kafka, topic)
      return raw.toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset))
    },
    waitFor: (condition) =>
      vi.waitFor(async () => {
        const result = await condition()
        expect(result).toBeTruthy()
        return result as NonNullable<typeof result>
      }, 5_000),
    async close() {
      clearInterval(ticking)
      await kafka.close()
    },
  }
}

let readers = 0

async function readAll(kafka: MemoryKafka, topic: string): ReturnType<TestScope['readTopic']> {
  const messages: Awaited<ReturnType<TestScope['readTopic']>> = []
  const consumption = await kafka.consumer().consume({ topic, name: `read-${readers++}` }, async (batch) => {
    for (const message of batch)
      messages.push({ ...message, text: message.value && Buffer.from(message.value).toString() })
  })
  await consumption.whenCaughtUp()
  await consumption.close()
  return messages
}
