/** Names of the message headers that only we use; the Ruby gem ignores them. */
export const headerNames = {
  /** Identifies one change: its delay message and its instant message carry the same value. */
  changeId: 'kt-change-id',
  /** Marks a message that a Delayer has re-sent, as opposed to one that was sent after the commit; its value is `1`. */
  delayed: 'kt-delayed',
  /** The cascaders that a message has passed, joined by commas. */
  cascade: 'kt-cascade',
  /** W3C trace context. */
  traceparent: 'traceparent',
} as const
