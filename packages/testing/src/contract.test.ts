import { describeMessageConsumer, describeMessageProducer } from 'testkit/contracts'
import { vi } from 'vitest'
import type { MemoryScope } from '../test/support/memory-scope.ts'

// The contracts of the real Consumer and Producer run on the Kafka of their scope. Here it is the one in memory.
vi.mock('../../testkit/src/scope/test-scope.ts', async () => {
  const { createMemoryScope } = await import('../test/support/memory-scope.ts')
  return { createTestScope: createMemoryScope }
})

const kafkaOf = (scope: unknown): MemoryScope['kafka'] => (scope as MemoryScope).kafka

describeMessageConsumer('memoryKafka().consumer()', (scope) => kafkaOf(scope).consumer())
describeMessageProducer('memoryKafka().producer()', (scope) => kafkaOf(scope).producer())
