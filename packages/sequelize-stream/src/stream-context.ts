import { KtError } from '@kt/core'
import type { Transaction } from 'sequelize'
import type { CommitContext } from './commit/commit-context.ts'
import type { ModelStream } from './model/model-stream.ts'
import { rootOf } from './commit/open-transaction.ts'
import type { OpenTransaction } from './commit/open-transaction.ts'
import { TransactionChanges } from './commit/transaction-changes.ts'

/** Where messages go, unless a model says otherwise. */
interface Topics {
  readonly delayTopic: string
  readonly topicPrefix: string
}

/** What an `UpdateStreamer` shares with the models that it streams. */
export class StreamContext {
  readonly commit: CommitContext
  readonly delayTopic: string
  readonly topicPrefix: string
  /** Those of the models that are streamed now. */
  readonly streams: Set<Pick<ModelStream, 'topic' | 'delayTopic'>> = new Set()
  readonly #changes = new WeakMap<OpenTransaction, TransactionChanges>()
  #closed = false

  constructor(commit: CommitContext, { delayTopic, topicPrefix }: Topics) {
    this.commit = commit
    this.delayTopic = delayTopic
    this.topicPrefix = topicPrefix
  }

  /** The changes of the root of this transaction; the first call has its commit watched. */
  changesOf(transaction: Transaction): TransactionChanges {
    const root = rootOf(transaction)
    let changes = this.#changes.get(root)
    if (changes === undefined) this.#changes.set(root, (changes = new TransactionChanges(root, this.commit)))
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
