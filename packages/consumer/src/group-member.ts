import { errorFields, sleep } from '@kt/core'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import { accessAdvice, isAccessRefused } from './access.ts'
import { changingNumber } from './changing-number.ts'
import type { ResolvedConsumeOptions, ResolvedConsumerOptions } from './options.ts'
import { partitionAssigner } from './partition-assigner.ts'

interface GroupEvents {
  /** A join is done; these partitions are this member's. A new `memberId` means that it may have missed rebalances. */
  joined(memberId: string, partitions: readonly number[]): void
  fetched(payload: EachBatchPayload): Promise<void>
  /** It has come to an end, and will be started again. */
  ended(reason: unknown): void
  /** A fetch brought nothing but transaction markers up to `endOffset`. */
  skipped(partition: number, endOffset: bigint, highWatermark: bigint): void
}

interface GroupMemberOptions extends ResolvedConsumerOptions {
  readonly kafka: Kafka
  readonly consume: ResolvedConsumeOptions
  readonly events: GroupEvents
  readonly owned: () => readonly number[]
  /** How long the next fetch may be held back. */
  readonly fetchWaitMs: () => number
}

/** How many batches kafkajs hands over at once. Each returns at once, or after a short wait for room. */
const concurrency = 256

/**
 * One member of a consumer group, alive until it is closed: whenever its kafkajs consumer ends, for whatever reason, or
 * falls silent, another takes its place. kafkajs restarts by itself after some errors only, and never says which.
 */
export class GroupMember {
  readonly #options: GroupMemberOptions
  readonly #closed = new AbortController()
  #consumer: Consumer | undefined
  #lastSign = Date.now()

  constructor(options: GroupMemberOptions) {
    this.#options = options
  }

  /** Joins, and goes on joining after every end; resolves when it was closed. */
  async run(): Promise<void> {
    const { backoff, logger, consume } = this.#options
    for (let attempt = 1; !this.#closed.signal.aborted; attempt += 1) {
      const startedAt = Date.now()
      const reason = await this.#runOnce().catch((error: unknown) => error)
      if (this.#closed.signal.aborted) return
      // One that ran for long did not fail at starting: the waits begin anew.
      if (Date.now() - startedAt > 60_000) attempt = 1
      logger.error('The consumer ended and is started again', {
        topic: consume.topic,
        name: consume.name,
        attempt,
        ...errorFields(reason),
        ...(isAccessRefused(reason) && { advice: accessAdvice }),
      })
      this.#options.events.ended(reason)
      await sleep(backoff(attempt), this.#closed.signal)
    }
  }

  /** Sends one commit. kafkajs resolves without doing so while it is not running; the offsets are then read again. */
  async commit(offsets: ReadonlyMap<number, bigint>): Promise<void> {
    const { topic } = this.#options.consume
    await this.#consumer?.commitOffsets(
      [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
    )
  }

  /** Moves where the next fetch of a partition begins; once it has ended, that is where the group has committed. */
  seek(partition: number, offset: bigint): void {
    const { consume, logger } = this.#options
    try {
      this.#consumer?.seek({ topic: consume.topic, partition, offset: String(offset) })
    } catch (error) {
      logger.debug('A consumer that has ended can not seek', errorFields(error))
    }
  }

  /** Leaves the group. kafkajs waits for fetches and backoffs before it does: no longer than `timeoutMs` here. */
  async close(timeoutMs: number): Promise<void> {
    this.#closed.abort()
    const done = new AbortController()
    const leaving = this.#leave(this.#consumer).finally(() => done.abort())
    await Promise.race([leaving, sleep(timeoutMs, done.signal)])
    done.abort()
  }

  async #runOnce(): Promise<unknown> {
    const { consume, kafka, events, backoff: _backoff, ...options } = this.#options
    const consumer = kafka.consumer({
      groupId: consume.name,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatIntervalMs,
      rebalanceTimeout: Math.max(60_000, options.sessionTimeoutMs),
      maxWaitTimeInMs: changingNumber(options.fetchWaitMs),
      maxBytes: options.maxBytes,
      maxBytesPerPartition: options.maxBytesPerPartition,
      partitionAssigners: [
        partitionAssigner(() => ({
          partition: consume.partition,
          owned: { [consume.topic]: options.owned() },
        })),
      ],
      // Every end comes to us, so that there is one way to start again and none to be forgotten.
      retry: { restartOnFailure: () => Promise.resolve(false) },
    })
    this.#consumer = consumer
    const ended = this.#whenEnded(consumer)
    try {
      await consumer.connect()
      await consumer.subscribe({ topic: consume.topic, fromBeginning: true })
      // Closed while connecting: a join now would leave a member in the group that nobody knows.
      if (this.#closed.signal.aborted) return undefined
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch: (payload) => events.fetched(payload),
      })
      return await ended
    } finally {
      // Not awaited: a consumer that hangs must not keep its successor from starting.
      void this.#leave(consumer)
    }
  }

  #whenEnded(consumer: Consumer): Promise<unknown> {
    const { consume, events } = this.#options
    const { GROUP_JOIN, HEARTBEAT, FETCH, CRASH, END_BATCH_PROCESS, REQUEST_TIMEOUT } = consumer.events
    const sign = (): void => {
      this.#lastSign = Date.now()
    }
    sign()
    consumer.on(HEARTBEAT, sign)
    consumer.on(FETCH, sign)
    consumer.on(END_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0)
        events.skipped(payload.partition, BigInt(payload.lastOffset) + 1n, BigInt(payload.highWatermark))
    })
    consumer.on(GROUP_JOIN, ({ payload }) => {
      sign()
      // A consumer that was given up may still join once: its news is no news.
      if (consumer === this.#consumer)
        events.joined(payload.memberId, payload.memberAssignment[consume.topic] ?? [])
    })
    return new Promise((resolve) => {
      const finish = (reason: unknown): void => {
        clearInterval(watch)
        resolve(reason)
      }
      consumer.on(CRASH, ({ payload }) => finish(payload.error))
      // kafkajs would ask again over the same connection, which may be lost though nobody was told.
      consumer.on(REQUEST_TIMEOUT, ({ payload }) =>
        finish(new Error(`${payload.broker} did not answer: the request timed out`)),
      )
      this.#closed.signal.addEventListener('abort', () => finish(undefined), { once: true })
      const watch = setInterval(() => {
        if (Date.now() - this.#lastSign > this.#silenceMs)
          finish(new Error('no sign of life from the consumer'))
      }, this.#options.sessionTimeoutMs)
    })
  }

  /** kafkajs's own waits (a request, a rebalance) end within a minute or two; silence beyond that is death. */
  get #silenceMs(): number {
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
