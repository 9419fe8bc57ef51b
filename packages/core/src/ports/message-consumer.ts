import type { Message } from './message.ts'

/** The context of a batch. */
export interface BatchContext {
  readonly topic: string
  readonly partition: number
  /** 1 for the first attempt at this batch, 2 for the first retry, and so on. */
  readonly attempt: number
  /**
   * Fires when the result is no longer needed: the partition went to another member, or the consumer is closing and its
   * grace period is over. Uncommitted messages are delivered again.
   */
  readonly signal: AbortSignal
  /**
   * Records that messages were given up, such as by a dead letter, before they are committed. An `IndexMonitor` sees it
   * in the commits of the group. Optional for consumers of your own: it then looks into the dead letters each time.
   */
  readonly gaveUp?: (messages: readonly Message[]) => void
}

/**
 * A handler's request to pause: all messages before `from` are done and get committed, and the others are delivered
 * again after `forMs`. Meanwhile, the membership and all other partitions continue.
 */
export interface Pause {
  /** The offset of the first message that is delivered again. */
  readonly from: bigint
  /** The length of the pause, in milliseconds. */
  readonly forMs: number
}

/**
 * Handles a batch of one to `batchSize` messages of one partition, in order. They are committed when it resolves. When
 * it rejects, they are delivered again after a backoff, without a limit.
 */
export type MessageHandler = (messages: readonly Message[], context: BatchContext) => Promise<Pause | void>

/** The start offset of a consumer group that hasn't committed anything. */
export type StartOffset = 'earliest' | 'latest'

export interface ConsumeOptions {
  readonly topic: string
  /** The consumer group. Workers of the same name share the topic. Workers of different names each get all of it. */
  readonly name: string
  /**
   * Restricts this worker to one partition. Of two workers with the same topic, name and partition, one is active and
   * the other a standby.
   *
   * @defaultValue all partitions, shared with the other workers of this name
   */
  readonly partition?: number
  /**
   * Maximum number of messages per batch. A larger batch costs less per message, but a retry repeats more.
   *
   * @defaultValue 1000
   */
  readonly batchSize?: number
  /**
   * The start offset of a new consumer group: `earliest` reads everything that the topic still has, `latest` only
   * messages that are sent after the group's first worker has started. It has no effect once the group has committed an
   * offset.
   *
   * @defaultValue 'earliest'
   */
  readonly from?: StartOffset
  /** Closes the consumption when it fires. */
  readonly signal?: AbortSignal
}

export interface CatchUpOptions {
  /**
   * Time-out in milliseconds, after which it rejects with `KT_CATCH_UP_TIMEOUT`.
   *
   * @defaultValue 60_000
   */
  readonly timeoutMs?: number
  /**
   * The offsets to wait for, by partition, as returned by `ends`.
   *
   * @defaultValue the ends of the topic at the time of the call
   */
  readonly ends?: ReadonlyMap<number, bigint>
  readonly signal?: AbortSignal
}

export interface BehindOptions {
  /**
   * The age in milliseconds from which a waiting message counts.
   *
   * @defaultValue 5_000
   */
  readonly ageMs?: number
}

/** A running worker. */
export interface Consumption extends AsyncDisposable {
  /**
   * Resolves when the group has committed everything that was in the topic at the time of the call, or up to `ends`.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED` when the worker is closed meanwhile
   */
  whenCaughtUp(options?: CatchUpOptions): Promise<void>
  /** The number of messages that the group has not committed yet, over all partitions of the topic. */
  lag(): Promise<bigint>
  /** Whether a message has been waiting for longer than `ageMs`. Optional for consumers of your own. */
  isBehind?(options?: BehindOptions): Promise<boolean>
  /** The end of each partition that this worker may be assigned: the offset of the next message there. */
  ends(): Promise<ReadonlyMap<number, bigint>>
  /** Whether the worker is a member of its group now. */
  isReady(): boolean
  /** Finishes and commits the current batch, then leaves the group. Idempotent. */
  close(): Promise<void>
}

/** Consumes messages from Kafka, at least once. */
export interface MessageConsumer {
  /**
   * Starts a worker and resolves once it has joined its group.
   *
   * @throws KtError `KT_OPTION_INVALID`, `KT_CONSUME_FAILED`, `KT_ABORTED`, `KT_CLOSED`
   */
  consume(options: ConsumeOptions, handler: MessageHandler): Promise<Consumption>

  /**
   * The settings of a topic, by Kafka's names, such as `message.timestamp.type`. Optional: without it, workers skip
   * their checks of the settings.
   */
  topicSettings?(topic: string): Promise<Readonly<Record<string, string>>>

  /**
   * How many messages of a topic were deleted before a consumer group has read them. Optional: without it, nobody
   * assumes that there are none.
   */
  missed?(topic: string, name: string): Promise<bigint>
}
