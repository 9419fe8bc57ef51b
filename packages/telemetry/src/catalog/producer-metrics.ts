import { requestBuckets } from './buckets.ts'
import type { MetricDescription } from './metric-description.ts'

export const producerMetrics: readonly MetricDescription[] = [
  {
    name: 'kt_producer_messages_total',
    package: '@kt/producer',
    kind: 'counter',
    unit: '{message}',
    labels: ['topic'],
    help: 'Messages that Kafka has acknowledged.',
  },
  {
    name: 'kt_producer_requests_total',
    package: '@kt/producer',
    kind: 'counter',
    unit: '{request}',
    labels: ['topic'],
    help: 'Produce requests, including failed ones. Concurrent calls share requests, so there are fewer than messages.',
  },
  {
    name: 'kt_producer_request_ms',
    package: '@kt/producer',
    kind: 'histogram',
    unit: 'ms',
    labels: ['topic'],
    buckets: requestBuckets,
    help: 'Duration of produce requests that Kafka has acknowledged. If it rises, check the load of the brokers.',
  },
  {
    name: 'kt_producer_failures_total',
    package: '@kt/producer',
    kind: 'counter',
    unit: '{call}',
    labels: ['topic', 'code'],
    help: 'Calls of produce and batch that failed, by error code. KT_PRODUCE_TIMEOUT: check that Kafka is reachable.',
  },
  {
    name: 'kt_producer_reconnects_total',
    package: '@kt/producer',
    kind: 'counter',
    unit: '{connection}',
    labels: [],
    help: 'Connections to Kafka that failed and were replaced. If it keeps rising, check the network and the brokers.',
  },
]
