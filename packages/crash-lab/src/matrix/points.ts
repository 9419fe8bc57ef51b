import type { FaultPoint } from '../harness/fault-points.ts'

/** Describes the fault points in words. */
export const pointNames: Record<FaultPoint, string> = {
  'delay.unsent': 'before the delay message is sent',
  'delay.in-flight': 'before the delay message is acknowledged',
  'commit.before': 'after the acknowledgement, before COMMIT',
  'commit.in-flight': 'during COMMIT',
  'commit.after': 'after COMMIT, before the instant message',
  'instant.in-flight': 'while the instant message is in flight',
  'load.before': 'before load',
  'load.after': 'after load',
  'bulk.before': 'between load and bulk',
  'bulk.in-flight': 'during bulk',
  'bulk.after': 'between bulk and offset commit',
  'resend.unsent': 'before the re-send',
  'resend.in-flight': 'during the re-send',
  'resend.acked': 'between re-send and offset commit',
  'cascade.unsent': 'before the cascade is sent',
  'cascade.in-flight': 'while the cascade is in flight',
  'cascade.acked': 'between cascade and offset commit',
}

/** Whether a transaction is committed if its writer was killed there. Undefined if both are possible. */
export function isCommittedAt(point: FaultPoint): boolean | undefined {
  if (point === 'commit.in-flight') return undefined
  return !['delay.unsent', 'delay.in-flight', 'commit.before'].includes(point)
}
