import { delayBuckets } from './buckets.ts'
import type { MetricDescription } from './metric-description.ts'

export const outboxMetrics: readonly MetricDescription[] = [
  {
    name: 'kt_outbox_stored_total',
    package: '@kt/sequelize-stream',
    kind: 'counter',
    unit: '{message}',
    labels: [],
    help: 'Messages that transactions stored in the outbox because Kafka did not take them in time. It rises while Kafka is away or slow.',
  },
  {
    name: 'kt_outbox_relayed_total',
    package: '@kt/sequelize-stream',
    kind: 'counter',
    unit: '{message}',
    labels: [],
    help: 'Messages of the outbox that Kafka has taken. If it stays behind kt_outbox_stored_total, check that a relay runs.',
  },
  {
    name: 'kt_outbox_refused_total',
    package: '@kt/sequelize-stream',
    kind: 'counter',
    unit: '{message}',
    labels: ['topic'],
    help: 'Messages of the outbox that Kafka refuses for good, such as too large ones. They stay in the table: read the log, and delete or fix the rows.',
  },
  {
    name: 'kt_outbox_relay_failures_total',
    package: '@kt/sequelize-stream',
    kind: 'counter',
    unit: '{attempt}',
    labels: ['topic'],
    help: 'Failed attempts to relay the outbox, without a topic if the database failed. They are repeated. If it keeps rising, check Kafka and the database.',
  },
  {
    name: 'kt_outbox_circuit_total',
    package: '@kt/sequelize-stream',
    kind: 'counter',
    unit: '{change}',
    labels: ['to'],
    help: 'State changes of the circuit breaker, by the new state: open, half-open or closed. While it is open, transactions use the outbox without waiting for Kafka.',
  },
  {
    name: 'kt_outbox_age_ms',
    package: '@kt/sequelize-stream',
    kind: 'histogram',
    unit: 'ms',
    labels: [],
    buckets: delayBuckets,
    help: 'Age of the oldest message of each batch that is relayed. It is high after an outage; if it stays high, the relay is too slow or Kafka away.',
  },
]
