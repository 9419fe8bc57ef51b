import type { MetricDescription } from './metric-description.ts'

export const cascaderMetrics: readonly MetricDescription[] = [
  {
    name: 'kt_cascader_messages_total',
    package: '@kt/cascader',
    kind: 'counter',
    unit: '{message}',
    labels: ['name'],
    help: 'Messages that were sent for dependent records; name is the Cascader. A jump shows that a record with many dependents was changed.',
  },
  {
    name: 'kt_cascader_malformed_total',
    package: '@kt/cascader',
    kind: 'counter',
    unit: '{message}',
    labels: ['name', 'topic'],
    help: 'Messages that were skipped because their values are no payloads. Check who else sends to the topic.',
  },
  {
    name: 'kt_cascader_failed_records_total',
    package: '@kt/cascader',
    kind: 'counter',
    unit: '{record}',
    labels: ['name'],
    help: 'Dependent records that were skipped because they have no usable payload. Fix the payload function that the log identifies, then verify the index.',
  },
  {
    name: 'kt_cascader_dead_letters_total',
    package: '@kt/cascader',
    kind: 'counter',
    unit: '{message}',
    labels: ['name', 'topic', 'code'],
    help: 'Messages whose lookup failed on their data and that were given up, by error code. Fix the reason in the log, then redrive them.',
  },
]
