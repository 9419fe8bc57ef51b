import { KtError } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { Transaction } from 'sequelize'
import type { CommitContext } from './commit/commit-context.ts'
import type { ModelStream } from './model/model-stream.ts'
import type { SentChanges } from './commit/sent-changes.ts'
import { rootOf } from './commit/transaction-tree.ts'
import type { OpenTransaction } from './model/untyped.ts'
import { TransactionChanges } from './commit/transaction-changes.ts'

/** The default topics, for models without their own. */
interface Topics {
  readonly delayTopic: string
  readonly topicPrefix: string
}

/** The state that an `UpdateStreamer` shares with its streamed models. */
export class StreamContext {
  readonly commit: CommitContext
  readonly delayTopic: string
  readonly topicPrefix: string
  /** The topics of all models that are streamed now. */
  readonly streams: Set<Pick<ModelStream, 'topic' | 'delayTopic'>> = new Set()
  readonly #changes = new WeakMap<OpenTransaction, TransactionChanges>()
  #closed = false

  constructor(commit: CommitContext, { delayTopic, topicPrefix }: Topics) {
    this.commit = commit
    this.delayTopic = delayTopic
    this.topicPrefix = topicPrefix
  }

  /** The changes of this transaction's root transaction. The first call starts watching its commit. */
  changesOf(transaction: Transaction): TransactionChanges {
    const root = rootOf(transaction)
    let changes = this.#changes.get(root)
    if (changes === undefined) this.#changes.set(root, (changes = new TransactionChanges(root, this.commit)))
    return changes
  }

  /**
   * What a transaction has sent after COMMIT; undefined if it has changed nothing that is streamed.
   *
   * @throws KtError `KT_OPTION_INVALID` when the transaction has not committed yet
   */
  sentIn(transaction: Transaction): Promise<SentChanges> | undefined {
    const root = rootOf(transaction)
    const changes = this.#changes.get(root)
    if (changes?.sent !== undefined) return changes.sent
    if (root.finished === undefined || changes?.isStreamed === true)
      optionChecker('UpdateStreamer.token').fail(
        'transaction',
        'a transaction that has committed; call token() after COMMIT, or use track()',
      )
    return undefined
  }

  close(): void {
    this.#closed = true
  }

  /** @throws KtError `KT_CLOSED` */
  assertOpen(): void {
    if (this.#closed)
      throw new KtError('KT_CLOSED', 'The UpdateStreamer is closed, so its models cannot be written', {
        retryable: false,
      })
  }
}
