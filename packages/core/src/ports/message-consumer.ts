import type { Message } from './message.ts'

/** What a handler is told about its batch. */
export interface BatchContext {
  readonly topic: string
  readonly partition: number
  /** 1 for the first try of this batch, 2 for the first retry, and so on. */
  readonly attempt: number
  /**
   * Fires when the result is no longer wanted: the partition went to another member, or the consumer is closing and
   * its grace is over. What was not committed will be delivered again.
   */
  readonly signal: AbortSignal
}

/**
 * Pauses the partition when a handler returns it: everything before `from` is committed, the rest is delivered again
 * after `forMs`. Meanwhile the worker keeps its group membership, and other partitions go on.
 */
export interface Pause {
  /** The offset of the first message that is delivered again. */
  readonly from: bigint
  /** The length of the pause, in milliseconds. */
  readonly forMs: number
}

/**
 * Handles a batch: one to `batchSize` messages of one partition, in order. When it resolves they are committed, when
 * it rejects they are delivered again after a backoff, for as long as it takes.
 */
export type MessageHandler = (messages: readonly Message[], context: BatchContext) => Promise<Pause | void>

/** Where a consumer group begins that has committed nothing yet. */
export type StartOffset = 'earliest' | 'latest'

export interface ConsumeOptions {
  readonly topic: string
  /** The consumer group: workers of the same name share the topic, workers of different names each get all of it. */
  readonly name: string
  /**
   * Restricts this worker to one partition. Two workers with the same topic, name and partition are one active and
   * one standby.
   *
   * @defaultValue all partitions, shared with the other workers of this name
   */
  readonly partition?: number
  /**
   * The most messages that a handler gets at once. Larger batches cost less per message, but a retry repeats more.
   *
   * @defaultValue 1000
   */
  readonly batchSize?: number
  /**
   * Where a new consumer group begins: with everything that the topic still has, or with the messages that are sent after
   * its first worker has started. It has no effect once the group has committed an offset.
   *
   * @defaultValue 'earliest'
   */
  readonly from?: StartOffset
  /** Closes the consumption when it fires. */
  readonly signal?: AbortSignal
}

export interface CatchUpOptions {
  /**
   * How long to wait before rejecting with `KT_CATCH_UP_TIMEOUT`.
   *
   * @defaultValue 60_000
   */
  readonly timeoutMs?: number
  /**
   * How far to wait for, by partition, as `ends` told it.
   *
   * @defaultValue everything that is in the topic at the time of the call
   */
  readonly ends?: ReadonlyMap<number, bigint>
  readonly signal?: AbortSignal
}

/** One running worker. */
export interface Consumption extends AsyncDisposable {
  /**
   * Resolves when the group has committed everything that was in the topic at the time of the call, or up to `ends`.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED` when the worker is closed meanwhile
   */
  whenCaughtUp(options?: CatchUpOptions): Promise<void>
  /** Messages that the group has not committed yet, over all partitions of the topic. */
  lag(): Promise<bigint>
  /** The end of each partition that this worker may have: the offset that the next message there will get. */
  ends(): Promise<ReadonlyMap<number, bigint>>
  /** Whether the worker is a member of its group now. */
  isReady(): boolean
  /** Finishes and commits the batch in hand, then leaves the group. Idempotent. */
  close(): Promise<void>
}

/** A way to get messages out of Kafka, at least once. */
export interface MessageConsumer {
  /**
   * Starts a worker; resolves once it has joined its group.
   *
   * @throws KtError `KT_OPTION_INVALID`, `KT_CONSUME_FAILED`, `KT_ABORTED`, `KT_CLOSED`
   */
  consume(options: ConsumeOptions, handler: MessageHandler): Promise<Consumption>

  /**
   * The settings of a topic, by Kafka's names for them, such as `message.timestamp.type`. Optional: what needs it does
   * without a check when a consumer doesn't offer it.
   */
  topicSettings?(topic: string): Promise<Readonly<Record<string, string>>>
}
