export { MemoryConsumer } from './memory-consumer.ts'
export { MemoryProducer } from './memory-producer.ts'
