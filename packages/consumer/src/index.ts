export { Consumer } from './consumer.ts'
export { GroupMonitor } from './monitor/group-monitor.ts'
export type { GroupMonitorOptions, PartitionProgress } from './monitor/group-monitor.ts'
export { IndexMonitor } from './monitor/index-monitor.ts'
export type {
  CascadeGroup,
  GroupName,
  IndexedOutcome,
  IndexMonitorOptions,
  WaitForIndexedOptions,
} from './monitor/index-monitor.ts'
export type { ConsumerOptions, KafkaConsumeOptions } from './options.ts'
