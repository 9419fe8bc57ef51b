export { Consumer } from './consumer.ts'
export type { ConsumerOptions, KafkaConsumeOptions } from './options.ts'
