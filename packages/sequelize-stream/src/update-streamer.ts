import { randomUUID } from 'node:crypto'
import { encodeChangeToken } from '@kt/core'
import { optionChecker, requireTopic } from '@kt/core/internal'
import type { MessageProducer } from '@kt/core'
import type { Model, Transaction } from 'sequelize'
import { runBulk } from './bulk.ts'
import type { BulkOptions, BulkTarget } from './bulk.ts'
import { InstantSender } from './commit/instant-sender.ts'
import { MessageSender } from './commit/message-sender.ts'
import { toChangeToken, TrackedTransactions } from './commit/sent-changes.ts'
import type { SentChanges } from './commit/sent-changes.ts'
import { logOf } from './changes/record-log.ts'
import { resolveOptions } from './options.ts'
import type { UpdateStreamerOptions } from './options.ts'
import type { CircuitState } from './outbox/circuit-breaker.ts'
import { OutboxFallback } from './outbox/outbox-fallback.ts'
import { StreamContext } from './stream-context.ts'
import { TransactionGuard } from './commit/transaction-guard.ts'

export interface CheckOptions {
  /** Aborts the check while Kafka doesn't answer. */
  readonly signal?: AbortSignal
}

/**
 * Sends the messages for changes of streamed models. Delay messages are sent before COMMIT, and the write waits for
 * their acknowledgement. Instant messages are sent after COMMIT, and nothing waits for them.
 */
export class UpdateStreamer implements AsyncDisposable {
  /** @internal */
  readonly context: StreamContext
  readonly #producer: MessageProducer

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(options: UpdateStreamerOptions) {
    const resolved = resolveOptions(options)
    const { producer, delayMs, maxPendingInstants, whenUnavailable, logger, meter } = resolved
    const sender = new MessageSender(resolved)
    this.#producer = producer
    const commit = {
      sender,
      instants: new InstantSender({ sender, logger, meter, maxMessages: maxPendingInstants }),
      // Idle time-out and message age together stay below the delay: see `delayMs`.
      guard: new TransactionGuard(Math.floor(delayMs / 2), logger),
      tracked: new TrackedTransactions(),
      maxAgeMs: delayMs / 4,
      meter,
      fallback:
        whenUnavailable === 'reject'
          ? undefined
          : new OutboxFallback({ outbox: whenUnavailable, producer, sender, logger, meter }),
    }
    this.context = new StreamContext(commit, resolved)
  }

  /**
   * The state of the circuit breaker: `closed` while writes go through Kafka, `open` while they go to the outbox table,
   * and `half-open` while the outbox is in use and one message probes whether Kafka is back. Always `closed` without an
   * outbox.
   */
  get circuit(): CircuitState {
    return this.context.commit.fallback?.circuit ?? 'closed'
  }

  /**
   * With an outbox, creates its table if it doesn't exist, and relays messages left over from an outage, also those of
   * another process that has died since. The first write does the same. Call it when the application starts, so that no
   * write has to wait for it. Does nothing without an outbox. Idempotent.
   *
   * @throws KtError `KT_STREAM_FAILED` when the table doesn't exist and can't be created, `KT_CLOSED`
   */
  async start(): Promise<void> {
    this.context.assertOpen()
    await this.context.commit.fallback?.begin()
  }

  /**
   * Checks that the topics of all models streamed so far exist, as far as the producer can tell. A missing topic then
   * rejects here, when the application starts, instead of failing each write. A producer that may create topics creates
   * them. Retries for up to a minute while Kafka is slow or away.
   *
   * @throws KtError `KT_PRODUCE_FAILED`, retryable, with the topic in its message; `KT_ABORTED`, `KT_CLOSED`
   */
  async check({ signal }: CheckOptions = {}): Promise<void> {
    this.context.assertOpen()
    const uses = new Map<string, string>()
    for (const { topic, delayTopic } of this.context.streams)
      uses.set(delayTopic, 'delay messages').set(topic, 'instant messages')
    for (const [topic, use] of uses) await requireTopic(this.#producer, topic, use, signal)
  }

  /**
   * Streams changes that no model sees: raw SQL, ON DELETE CASCADE, triggers. The delay messages are acknowledged
   * before `run` starts. The instant messages are sent after COMMIT.
   *
   * `run` should work in the transaction that it receives. Anything that it commits separately is covered only if that
   * commit happens before the delay messages come due, and not at all while the outbox is in use.
   *
   * @param target the records that `run` will change, or a condition that selects them
   * @returns the result of `run`
   * @throws KtError `KT_OPTION_INVALID` when a model is not streamed, `KT_DELAY_NOT_ACKNOWLEDGED`, `KT_CLOSED`; also
   *   rethrows any error of `run`, after a rollback
   */
  async bulk<T, M extends Model>(
    target: M | readonly M[] | BulkTarget<M>,
    run: (transaction: Transaction) => Promise<T>,
    options: BulkOptions = {},
  ): Promise<T> {
    this.context.assertOpen()
    return runBulk(this.context, target, run, options)
  }

  /**
   * Sends the instant messages of records of streamed models now, even if the records were deleted since.
   *
   * @throws KtError `KT_OPTION_INVALID` when a model is not streamed, `KT_CLOSED`, and the errors of the producer
   */
  async queue(records: Model | readonly Model[]): Promise<void> {
    this.context.assertOpen()
    await this.context.commit.sender.sendInstants({ log: logOf(records), changeId: randomUUID() })
  }

  /**
   * Sends the delay messages of records of streamed models now.
   *
   * @throws KtError as `queue`
   */
  async delay(records: Model | readonly Model[]): Promise<void> {
    this.context.assertOpen()
    await this.context.commit.sender.sendDelays({ log: logOf(records), changeId: randomUUID() })
  }

  /**
   * Runs `work`, such as a request's handler, so that `token()` in it covers all that it commits, directly or in calls
   * that it makes and awaits. Works by `AsyncLocalStorage`. Don't start endless work in it: all its transactions are
   * remembered.
   *
   * @returns the result of `work`
   */
  track<T>(work: () => T): T {
    return this.context.commit.tracked.track(work)
  }

  /**
   * Resolves with a token for `IndexMonitor.waitForIndexed`, once the instant messages of the committed changes are in
   * Kafka or have failed. That takes no longer than the producer's time-out. The token is a string for headers and cookies, with some 40
   * characters per transaction, and may be used in any process.
   *
   * @param transaction a transaction that has committed
   *
   * @defaultValue all transactions that have committed so far within the current call of `track`, also those that
   *   writes without a transaction have made
   * @throws KtError `KT_OPTION_INVALID` when the transaction has not committed, or outside of `track`
   */
  async token(transaction?: Transaction): Promise<string> {
    const sent = transaction === undefined ? this.#tracked() : [this.context.sentIn(transaction)]
    // Send messages that are still being gathered now, because somebody waits for them.
    void this.flush()
    const changes = await Promise.all(sent.flatMap((each) => each ?? []))
    return encodeChangeToken(toChangeToken(changes))
  }

  /** @throws KtError `KT_OPTION_INVALID` */
  #tracked(): readonly Promise<SentChanges>[] {
    return (
      this.context.commit.tracked.current ??
      optionChecker('UpdateStreamer.token').fail('transaction', 'given outside of track()')
    )
  }

  /** Resolves when all pending instant messages have been sent or have failed. Never rejects. */
  async flush(): Promise<void> {
    await this.context.commit.instants.flush()
  }

  /**
   * Stops accepting work, so that writes of streamed models reject with `KT_CLOSED`, then flushes. Messages in an
   * outbox stay there until another process, or the next start, relays them. Idempotent.
   */
  async close(): Promise<void> {
    this.context.close()
    await Promise.all([this.flush(), this.context.commit.fallback?.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
