export type { Adapter, MakeAdapter } from './adapter.ts'
export { describeMessageConsumer } from './message-consumer.ts'
export { describeMessageProducer } from './message-producer.ts'
