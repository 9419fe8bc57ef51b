export { Consumer } from './consumer.ts'
export { GroupMonitor } from './group/group-monitor.ts'
export type { GroupMonitorOptions } from './group/group-monitor.ts'
export type { ConsumerOptions, KafkaConsumeOptions } from './options.ts'
