import type { MetricDescription } from './metric-description.ts'

export const streamMetrics: readonly MetricDescription[] = [
  {
    name: 'kt_stream_delay_failures_total',
    package: '@kt/sequelize-stream',
    kind: 'counter',
    unit: '{transaction}',
    labels: [],
    help: 'Transactions that were rolled back because neither Kafka nor the outbox took their delay messages. Users see errors: check Kafka, and use the outbox.',
  },
  {
    name: 'kt_stream_instant_failures_total',
    package: '@kt/sequelize-stream',
    kind: 'counter',
    unit: '{transaction}',
    labels: [],
    help: 'Transactions whose instant messages failed. The index is updated later, from the delay messages. Check Kafka.',
  },
  {
    name: 'kt_stream_instants_skipped_total',
    package: '@kt/sequelize-stream',
    kind: 'counter',
    unit: '{message}',
    labels: [],
    help: 'Instant messages that were left to the delay messages because too many were pending. If it keeps rising, Kafka is too slow or maxPendingInstants too low.',
  },
]
