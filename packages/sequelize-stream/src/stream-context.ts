import { KtError } from '@kt/core'
import type { Meter } from '@kt/core'
import type { Transaction } from 'sequelize'
import type { InstantSender } from './changes/instant-sender.ts'
import type { MessageSender } from './changes/message-sender.ts'
import type { OutboxFallback } from './outbox/outbox-fallback.ts'
import type { ModelStream } from './model/model-stream.ts'
import type { TransactionGuard } from './transaction/transaction-guard.ts'
import { rootOf } from './transaction/open-transaction.ts'
import type { OpenTransaction } from './transaction/open-transaction.ts'
import { TransactionChanges } from './transaction/transaction-changes.ts'

export interface StreamContextOptions {
  readonly sender: MessageSender
  readonly instants: InstantSender
  readonly guard: TransactionGuard
  /** How old the delay messages may be when the transaction commits. */
  readonly maxAgeMs: number
  readonly delayTopic: string
  readonly meter: Meter
  /** Without it, what Kafka does not take is rejected. */
  readonly fallback: OutboxFallback | undefined
}

/** What an `UpdateStreamer` shares with the models that it streams. */
export class StreamContext {
  readonly sender: MessageSender
  readonly instants: InstantSender
  readonly guard: TransactionGuard
  readonly maxAgeMs: number
  readonly delayTopic: string
  readonly meter: Meter
  readonly fallback: OutboxFallback | undefined
  /** Those of the models that are streamed now. */
  readonly streams: Set<Pick<ModelStream, 'topic' | 'delayTopic'>> = new Set()
  readonly #changes = new WeakMap<OpenTransaction, TransactionChanges>()
  #closed = false

  constructor(options: StreamContextOptions) {
    this.sender = options.sender
    this.instants = options.instants
    this.guard = options.guard
    this.maxAgeMs = options.maxAgeMs
    this.delayTopic = options.delayTopic
    this.meter = options.meter
    this.fallback = options.fallback
  }

  /** The changes of the root of this transaction; the first call has its commit watched. */
  changesOf(transaction: Transaction): TransactionChanges {
    const root = rootOf(transaction)
    let changes = this.#changes.get(root)
    if (changes === undefined) this.#changes.set(root, (changes = new TransactionChanges(root, this)))
    return changes
  }

  close(): void {
    this.#closed = true
  }

  /** @throws KtError `KT_CLOSED` */
  assertOpen(): void {
    if (this.#closed)
      throw new KtError('KT_CLOSED', 'The UpdateStreamer is closed, so its models can not be written', {
        retryable: false,
      })
  }
}
