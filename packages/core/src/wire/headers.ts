/** Names of the message headers that only we use; the Ruby gem ignores them. */
export const headerNames = {
  /** Identifies one change: its delay message and its instant message carry the same value. */
  changeId: 'kt-change-id',
  /** The cascaders that a message has passed, joined by commas. */
  cascade: 'kt-cascade',
  /** W3C trace context. */
  traceparent: 'traceparent',
} as const
