import type { MetricDescription } from './metric-description.ts'

export const consumerMetrics: readonly MetricDescription[] = [
  {
    name: 'kt_consumer_messages_total',
    package: '@kt/consumer',
    kind: 'counter',
    unit: '{message}',
    labels: ['topic', 'name'],
    help: 'Messages that the handler is done with; name is the consumer group. If it stops while there is lag, read the log of the workers.',
  },
  {
    name: 'kt_consumer_retries_total',
    package: '@kt/consumer',
    kind: 'counter',
    unit: '{batch}',
    labels: ['topic', 'name'],
    help: 'Batches that are retried because the handler failed. If it keeps rising, the partition is stuck: the log has the reason.',
  },
  {
    name: 'kt_consumer_dead_letters_total',
    package: '@kt/consumer',
    kind: 'counter',
    unit: '{message}',
    labels: ['topic', 'name'],
    help: 'Messages that were given up and sent to the dead-letter topic. Fix the reason in the log, then redrive them.',
  },
  {
    name: 'kt_consumer_offset_out_of_range_total',
    package: '@kt/consumer',
    kind: 'counter',
    unit: '{partition}',
    labels: ['topic', 'name'],
    help: 'Partitions whose committed offset Kafka no longer had. Messages may have been lost: verify the index, and increase the retention of the topic.',
  },
]
