import type { Consumer, KafkaConsumeOptions } from '@kt/consumer'
import type { Producer } from '@kt/producer'
import { expectTypeOf, test } from 'vitest'
import type { MemoryConsumeOptions, MemoryConsumer, MemoryProducer } from './index.ts'

test('have the methods of the real Consumer and Producer', () => {
  expectTypeOf<MemoryConsumer>().toExtend<Pick<Consumer, keyof Consumer>>()
  expectTypeOf<MemoryProducer>().toExtend<Pick<Producer, keyof Producer>>()
  expectTypeOf<MemoryConsumeOptions>().toEqualTypeOf<KafkaConsumeOptions>()
})
