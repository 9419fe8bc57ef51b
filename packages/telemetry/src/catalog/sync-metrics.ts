import type { MetricDescription } from './metric-description.ts'

export const syncMetrics: readonly MetricDescription[] = [
  {
    name: 'kt_lag_messages',
    package: '@kt/sync',
    kind: 'gauge',
    unit: '{message}',
    labels: ['group', 'topic'],
    help: 'Messages that a consumer group has not committed yet. If it keeps rising, add workers, or find in the log why they are stuck.',
  },
  {
    name: 'kt_delay_backlog_messages',
    package: '@kt/sync',
    kind: 'gauge',
    unit: '{message}',
    labels: ['topic'],
    help: 'Messages in a delay topic that have not been re-sent yet. It follows the rate of writes; if it only rises, check that a Delayer runs.',
  },
  {
    name: 'kt_delay_backlog_age_ms',
    package: '@kt/sync',
    kind: 'gauge',
    unit: 'ms',
    labels: ['topic'],
    help: 'Age of the oldest message in a delay topic that has not been re-sent yet. Far above the delay of the topic, the safety net is late: check that a Delayer runs.',
  },
  {
    name: 'kt_dead_letters',
    package: '@kt/sync',
    kind: 'gauge',
    unit: '{message}',
    labels: ['topic'],
    help: 'Dead letters that have not been redriven. Their documents may be wrong: fix the reason in the log, then redrive them.',
  },
  {
    name: 'kt_ready',
    package: '@kt/sync',
    kind: 'gauge',
    unit: '1',
    labels: ['worker'],
    help: '1 while a worker is a member of its consumer group, otherwise 0. If it stays 0, check Kafka and the log of the worker.',
  },
]
