import type { Meter } from '@kt/core'
import type { OutboxFallback } from '../outbox/outbox-fallback.ts'
import type { InstantSender } from './instant-sender.ts'
import type { MessageSender } from './message-sender.ts'
import type { TransactionGuard } from './transaction-guard.ts'

/** What the transactions of one `UpdateStreamer` share. */
export interface CommitContext {
  readonly sender: MessageSender
  readonly instants: InstantSender
  readonly guard: TransactionGuard
  /** How old the delay messages may be when the transaction commits. */
  readonly maxAgeMs: number
  readonly meter: Meter
  /** Without it, what Kafka does not take is rejected. */
  readonly fallback: OutboxFallback | undefined
}
