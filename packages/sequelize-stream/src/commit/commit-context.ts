import type { Meter } from '@kt/core'
import type { OutboxFallback } from '../outbox/outbox-fallback.ts'
import type { InstantSender } from './instant-sender.ts'
import type { MessageSender } from './message-sender.ts'
import type { TrackedTransactions } from './sent-changes.ts'
import type { TransactionGuard } from './transaction-guard.ts'

/** The state that all transactions of one `UpdateStreamer` share. */
export interface CommitContext {
  readonly sender: MessageSender
  readonly instants: InstantSender
  readonly guard: TransactionGuard
  readonly tracked: TrackedTransactions
  /** Maximum age of the delay messages when the transaction commits. */
  readonly maxAgeMs: number
  readonly meter: Meter
  /** Undefined if a transaction is rejected when Kafka doesn't acknowledge its messages. */
  readonly fallback: OutboxFallback | undefined
}
