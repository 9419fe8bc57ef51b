import { randomUUID } from 'node:crypto'
import { requireTopic } from '@kt/core'
import type { MessageProducer } from '@kt/core'
import type { Model, Transaction } from 'sequelize'
import { runBulk } from './bulk.ts'
import type { BulkOptions, BulkTarget } from './bulk.ts'
import { InstantSender } from './commit/instant-sender.ts'
import { MessageSender } from './commit/message-sender.ts'
import { logOf } from './changes/record-log.ts'
import { resolveOptions } from './options.ts'
import type { UpdateStreamerOptions } from './options.ts'
import type { CircuitState } from './outbox/circuit-breaker.ts'
import { OutboxFallback } from './outbox/outbox-fallback.ts'
import { StreamContext } from './stream-context.ts'
import { TransactionGuard } from './commit/transaction-guard.ts'

export interface CheckOptions {
  /** Ends the wait for a Kafka that does not answer. */
  readonly signal?: AbortSignal
}

/**
 * Sends the messages for the changes of streamed models: before COMMIT the delay messages, whose acknowledgement the
 * write awaits, and after it the instant messages, which nobody waits for.
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
      // Together they stay below the delay: see `delayMs`.
      guard: new TransactionGuard(Math.floor(delayMs / 2), logger),
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
   * Whether writes go by Kafka (`closed`) or, with an outbox, by its table (`open`, and `half-open` while it is tried
   * whether Kafka is back). Always `closed` without an outbox.
   */
  get circuit(): CircuitState {
    return this.context.commit.fallback?.circuit ?? 'closed'
  }

  /**
   * With an outbox, creates its table if there is none, and relays what is in it from an outage that this process, or
   * another that has died since, has lived through. The first write does so as well; call it when the application
   * starts, so that nothing has to wait for that. Without an outbox there is nothing to do. Idempotent.
   *
   * @throws KtError `KT_STREAM_FAILED` when the table is not there and can't be created, `KT_CLOSED`
   */
  async start(): Promise<void> {
    this.context.assertOpen()
    await this.context.commit.fallback?.begin()
  }

  /**
   * Makes sure that Kafka has the topics of the models that are streamed by now, as far as the producer can say: a topic
   * that is missing rejects here, when the application starts, instead of each write. A producer that may create topics
   * creates them. A Kafka that is slow or away is asked again, for a minute at most.
   *
   * @throws KtError `KT_PRODUCE_FAILED`, retryable, which names the topic; `KT_ABORTED`, `KT_CLOSED`
   */
  async check({ signal }: CheckOptions = {}): Promise<void> {
    this.context.assertOpen()
    const uses = new Map<string, string>()
    for (const { topic, delayTopic } of this.context.streams)
      uses.set(delayTopic, 'delay messages').set(topic, 'instant messages')
    for (const [topic, use] of uses) await requireTopic(this.#producer, topic, use, signal)
  }

  /**
   * Streams what no model sees: raw SQL, ON DELETE CASCADE, triggers. The delay messages are acknowledged before `run`
   * starts, and the instant messages sent after COMMIT.
   *
   * `run` should do its work in the transaction that it gets. What it commits on its own is covered only if that
   * happens before the delay messages come due; and while the outbox stands in for Kafka, not at all.
   *
   * @param target the records that `run` will change, or a condition for them
   * @returns what `run` returned
   * @throws KtError `KT_OPTION_INVALID` when a model is not streamed, `KT_DELAY_NOT_ACKNOWLEDGED`, `KT_CLOSED`; and
   *   what `run` throws, after a rollback.
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
   * Sends the instant messages of records of streamed models now, whatever has become of them.
   *
   * @throws KtError `KT_OPTION_INVALID` when a model is not streamed, `KT_CLOSED`, and as the producer does.
   */
  async queue(records: Model | readonly Model[]): Promise<void> {
    this.context.assertOpen()
    await this.context.commit.sender.sendInstants({ log: logOf(records), changeId: randomUUID() })
  }

  /**
   * Sends the delay messages of records of streamed models now.
   *
   * @throws as `queue`.
   */
  async delay(records: Model | readonly Model[]): Promise<void> {
    this.context.assertOpen()
    await this.context.commit.sender.sendDelays({ log: logOf(records), changeId: randomUUID() })
  }

  /** Resolves when the instant messages that are under way have been sent, or given up. Never rejects. */
  async flush(): Promise<void> {
    await this.context.commit.instants.flush()
  }

  /**
   * Takes no more work, so that writes of streamed models reject with `KT_CLOSED`, and flushes. What is in an outbox
   * stays there, for the next process or another. Idempotent.
   */
  async close(): Promise<void> {
    this.context.close()
    await Promise.all([this.flush(), this.context.commit.fallback?.close()])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
