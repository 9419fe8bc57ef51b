import type { RoleName } from './settings.ts'

/**
 * The points at which a process can be paused, by role. `unsent`, `in-flight` and `acked` are the three stages of a
 * request to Kafka: not started, in flight, acknowledged.
 */
export const faultPoints = {
  writer: [
    'delay.unsent',
    'delay.in-flight',
    'commit.before',
    'commit.in-flight',
    'commit.after',
    'instant.in-flight',
  ],
  indexer: ['load.before', 'load.after', 'bulk.before', 'bulk.in-flight', 'bulk.after'],
  delayer: ['resend.unsent', 'resend.in-flight', 'resend.acked'],
  cascader: ['cascade.unsent', 'cascade.in-flight', 'cascade.acked'],
} as const satisfies Record<RoleName, readonly string[]>

export type FaultPoint<Role extends RoleName = RoleName> = (typeof faultPoints)[Role][number]
