import { delayBuckets } from './buckets.ts'
import type { MetricDescription } from './metric-description.ts'

export const delayerMetrics: readonly MetricDescription[] = [
  {
    name: 'kt_delayer_resent_total',
    package: '@kt/delayer',
    kind: 'counter',
    unit: '{message}',
    labels: ['topic', 'name'],
    help: 'Delay messages that were re-sent to their topics when they were due.',
  },
  {
    name: 'kt_delayer_postponed_total',
    package: '@kt/delayer',
    kind: 'counter',
    unit: '{message}',
    labels: ['topic', 'name'],
    help: 'Delay messages that wait for another delay because their transactions were still open. If it rises, look for long transactions.',
  },
  {
    name: 'kt_delayer_late_ms',
    package: '@kt/delayer',
    kind: 'histogram',
    unit: 'ms',
    labels: ['topic', 'name'],
    buckets: delayBuckets,
    help: 'How long after its due time the first message of a batch was re-sent. If it rises, add Delayers and partitions, or check Kafka.',
  },
  {
    name: 'kt_delayer_dead_letters_total',
    package: '@kt/delayer',
    kind: 'counter',
    unit: '{message}',
    labels: ['topic', 'name', 'code'],
    help: 'Delay messages that could not be re-sent and were sent to the dead-letter topic, by error code. Fix the reason in the log, then redrive them.',
  },
  {
    name: 'kt_delayer_passed_over_total',
    package: '@kt/delayer',
    kind: 'counter',
    unit: '{message}',
    labels: ['topic', 'name'],
    help: 'Delay messages that were skipped because Kafka refused them even as dead letters. The safety net has lost them: verify the index.',
  },
]
