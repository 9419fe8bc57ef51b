/** Names of the message headers of these packages. The Ruby gem ignores them. */
export const headerNames = {
  /** Identifies a change. Its delay message and its instant message have the same value. */
  changeId: 'kt-change-id',
  /** Marks a message that a Delayer has re-sent, as opposed to one sent after the commit. Its value is `1`. */
  delayed: 'kt-delayed',
  /** The columns that a change has written, joined by commas. Without it, any may have changed. */
  changed: 'kt-changed',
  /**
   * The delay that the writer of a delay message assumes, in milliseconds. Without it, messages with a change id assume
   * five minutes.
   */
  delayMs: 'kt-delay-ms',
  /** The cascaders that a message has passed through, joined by commas. */
  cascade: 'kt-cascade',
  /** Which messages have caused a message of a cascade: topic, partition and offsets. */
  origins: 'kt-origins',
  /** When a message that was put back from the dead letters first entered Kafka, in ISO 8601. */
  firstSeen: 'kt-first-seen',
  /** W3C trace context. */
  traceparent: 'traceparent',
} as const

/** Names of the headers of a dead letter, with its origin and the reason. */
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
