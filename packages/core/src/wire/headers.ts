/** Names of the message headers that only we use; the Ruby gem ignores them. */
export const headerNames = {
  /** Identifies one change: its delay message and its instant message carry the same value. */
  changeId: 'kt-change-id',
  /** Marks a message that a Delayer has re-sent, as opposed to one that was sent after the commit; its value is `1`. */
  delayed: 'kt-delayed',
  /** The cascaders that a message has passed, joined by commas. */
  cascade: 'kt-cascade',
  /** When a message that was put back from the dead letters entered Kafka first, in ISO 8601. */
  firstSeen: 'kt-first-seen',
  /** W3C trace context. */
  traceparent: 'traceparent',
} as const

/** Names of the headers in which a dead letter tells where its message came from and why it was given up. */
export const deadLetterHeaders = {
  topic: 'kt-dead-topic',
  partition: 'kt-dead-partition',
  offset: 'kt-dead-offset',
  code: 'kt-dead-code',
  status: 'kt-dead-status',
  type: 'kt-dead-type',
  id: 'kt-dead-id',
  attempts: 'kt-dead-attempts',
  firstSeen: 'kt-dead-first-seen',
  givenUp: 'kt-dead-at',
} as const
