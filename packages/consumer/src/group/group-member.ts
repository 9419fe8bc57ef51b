import { errorFields } from '@kt/core'
import { accessAdvice, isAccessRefused, sleep } from '@kt/core/internal'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { codecAdvice } from './missing-codec.ts'
import type { ResolvedConsumeOptions, ResolvedConsumerOptions } from '../options.ts'
import { partitionAssigner } from './partition-assigner.ts'

interface GroupEvents {
  /** The member has joined with these partitions. Under a new `memberId` it may have missed rebalances. */
  joined(memberId: string, partitions: readonly number[]): void
  fetched(payload: EachBatchPayload): Promise<void>
  /** The kafkajs consumer has ended and will be replaced. */
  ended(reason: unknown): void
  /** A fetch returned only transaction markers up to `endOffset`. */
  skipped(partition: number, endOffset: bigint, highWatermark: bigint): void
}

interface GroupMemberOptions extends ResolvedConsumerOptions {
  readonly kafka: Kafka
  readonly consume: ResolvedConsumeOptions
  readonly events: GroupEvents
  readonly owned: () => readonly number[]
  /** Returns the metadata of a partition's commits. */
  readonly metadataOf: (partition: number) => string | null
}

/** How many batches kafkajs delivers at once. Buffering one is fast. */
const concurrency = 256

/**
 * One member of a consumer group. Replaces its kafkajs consumer whenever that ends or shows no activity, until it is
 * closed. kafkajs restarts by itself only after some errors, and doesn't report which.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #closed = new AbortController()
  #consumer: Consumer | undefined
  #lastActivity = Date.now()

  constructor(options: GroupMemberOptions) {
    this.#options = options
  }

  /** Joins, and rejoins whenever the kafkajs consumer ends, until it is closed. */
  async run(): Promise<void> {
    const { backoff, logger, consume } = this.#options
    for (let attempt = 1; !this.#closed.signal.aborted; attempt += 1) {
      const startedAt = Date.now()
      const reason = await this.#runOnce().catch((error: unknown) => error)
      if (this.#closed.signal.aborted) return
      // The consumer was running, so the backoff starts over.
      if (Date.now() - startedAt > 60_000) attempt = 1
      const advice = isAccessRefused(reason) ? accessAdvice : codecAdvice(reason)
      logger.error('The consumer ended and is restarted', {
        topic: consume.topic,
        group: consume.name,
        attempt,
        ...errorFields(reason),
        ...(advice !== undefined && { advice }),
      })
      this.#options.events.ended(reason)
      await sleep(backoff(attempt), this.#closed.signal)
    }
  }

  /**
   * Sends one commit. A kafkajs consumer that is not running resolves without sending it. Messages are then delivered
   * again.
   */
  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const { consume, metadataOf } = this.#options
    await this.#consumer?.commitOffsets(
      [...offsets].map(([partition, offset]) => ({
        topic: consume.topic,
        partition,
        offset: String(offset),
        metadata: metadataOf(partition),
      })),
    )
  }

  /**
   * Sets where the next fetch of a partition begins. Ignored after the consumer ended: the next one begins at the
   * commit.
   */
  seek(partition: number, offset: bigint): void {
    const { consume, logger } = this.#options
    try {
      this.#consumer?.seek({ topic: consume.topic, partition, offset: String(offset) })
    } catch (error) {
      logger.debug('A consumer that has ended cannot seek', errorFields(error))
    }
  }

  /** Leaves the group. kafkajs first waits for fetches and backoffs, here for at most `timeoutMs`. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed.abort()
    const done = new AbortController()
    const leaving = this.#leave(this.#consumer).finally(() => done.abort())
    await Promise.race([leaving, sleep(timeoutMs, done.signal)])
    done.abort()
  }

  async #runOnce(): Promise<unknown> {
    const { consume, kafka, events, ...options } = this.#options
    const consumer = kafka.consumer({
      groupId: consume.name,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatIntervalMs,
      rebalanceTimeout: Math.max(60_000, options.sessionTimeoutMs),
      maxWaitTimeInMs: options.maxWaitMs,
      maxBytes: options.maxBytes,
      maxBytesPerPartition: options.maxBytesPerPartition,
      metadataMaxAge: options.metadataMaxAgeMs,
      partitionAssigners: [
        partitionAssigner(() => ({
          partition: consume.partition,
          owned: { [consume.topic]: options.owned() },
        })),
      ],
      // `run` does all restarts.
      retry: { restartOnFailure: () => Promise.resolve(false) },
    })
    this.#consumer = consumer
    const ended = this.#whenEnded(consumer)
    try {
      await consumer.connect()
      await consumer.subscribe({ topic: consume.topic, fromBeginning: true })
      // If it was closed while connecting, the member would never leave the group.
      if (this.#closed.signal.aborted) return undefined
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch: (payload) => events.fetched(payload),
      })
      return await ended
    } finally {
      // Not awaited, because a hanging consumer must not delay its successor.
      void this.#leave(consumer)
    }
  }

  #whenEnded(consumer: Consumer): Promise<unknown> {
    const { consume, events } = this.#options
    const { GROUP_JOIN, HEARTBEAT, FETCH, CRASH, END_BATCH_PROCESS, REQUEST_TIMEOUT } = consumer.events
    const noteActivity = (): void => {
      this.#lastActivity = Date.now()
    }
    noteActivity()
    consumer.on(HEARTBEAT, noteActivity)
    consumer.on(FETCH, noteActivity)
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0)
        events.skipped(payload.partition, BigInt(payload.lastOffset) + 1n, BigInt(payload.highWatermark))
    })
    consumer.on(GROUP_JOIN, ({ payload }) => {
      noteActivity()
      // A replaced consumer may still join once.
      if (consumer === this.#consumer)
        events.joined(payload.memberId, payload.memberAssignment[consume.topic] ?? [])
    })
    return new Promise((resolve) => {
      const finish = (reason: unknown): void => {
        clearInterval(watch)
        resolve(reason)
      }
      consumer.on(CRASH, ({ payload }) => finish(payload.error))
      // kafkajs would retry over the same connection, which may have been lost without notice.
      consumer.on(REQUEST_TIMEOUT, ({ payload }) =>
        finish(new Error(`${payload.broker} did not answer: the request timed out`)),
      )
      this.#closed.signal.addEventListener('abort', () => finish(undefined), { once: true })
      const watch = setInterval(() => {
        if (Date.now() - this.#lastActivity > this.#maxInactivityMs)
          finish(new Error('The consumer has shown no activity for too long'))
      }, this.#options.sessionTimeoutMs)
    })
  }

  /** Longer than kafkajs's own waits (a request, a rebalance), which end within a minute or two. */
  get #maxInactivityMs(): number {
    return Math.max(180_000, 6 * this.#options.sessionTimeoutMs)
  }

  async #leave(consumer: Consumer | undefined): Promise<void> {
    try {
      await consumer?.disconnect()
    } catch (error) {
      this.#options.logger.debug('Disconnecting a consumer failed', errorFields(error))
    }
  }
}
