import { errorFields, KtError } from '@kt/core'
import { accessAdvice, isAccessRefused, optionChecker, sleep } from '@kt/core/internal'
import type { BehindOptions, CatchUpOptions, Consumption, MessageHandler } from '@kt/core'
import type { EachBatchPayload, Kafka } from 'kafkajs'
import { AdminConnection } from './group/admin-connection.ts'
import { GroupMember } from './group/group-member.ts'
import { GroupOffsets } from './group/group-offsets.ts'
import { OffsetCommitter } from './group/offset-committer.ts'
import { OffsetRangeMonitor } from './group/offset-range-monitor.ts'
import type { ResolvedConsumeOptions, ResolvedConsumerOptions } from './options.ts'
import { PartitionWorker } from './partition/partition-worker.ts'

/**
 * How long a full partition may delay the next fetch of others that have room. After that it is paused. Once it has
 * room, it is fetched again only after the current fetch, up to `maxWaitMs` later.
 */
const roomWaitMs = 50

/** So long a step of closing may take at least, whatever time is left. */
const closingMs = 1_000

/** How often a worker that waits to join logs that it waits. */
const waitingReportMs = 5_000

/** One worker: a member of the group, with a partition worker for each partition that is assigned to it. */
export class KafkaConsumption implements Consumption {
  readonly #consume: ResolvedConsumeOptions
  readonly #options: ResolvedConsumerOptions
  readonly #handler: MessageHandler
  readonly #onClosed: () => void
  readonly #workers = new Map<number, PartitionWorker>()
  /** Resolve when the last worker of each partition has ended, including lost partitions. */
  readonly #ended = new Map<number, Promise<void>>()
  readonly #committer: OffsetCommitter
  readonly #member: GroupMember
  readonly #admin: AdminConnection
  readonly #offsets: GroupOffsets
  readonly #rangeMonitor: OffsetRangeMonitor
  #memberId = ''
  #isMember = false
  #firstJoin: (() => void) | undefined
  #refused: (() => void) | undefined
  #lastFailure: unknown
  #closing: Promise<void> | undefined
  readonly #ending = new AbortController()

  constructor(
    kafka: Kafka,
    consume: ResolvedConsumeOptions,
    options: ResolvedConsumerOptions,
    handler: MessageHandler,
    onClosed: () => void,
  ) {
    this.#consume = consume
    this.#options = options
    this.#handler = handler
    this.#onClosed = onClosed
    this.#admin = new AdminConnection(kafka)
    this.#offsets = new GroupOffsets(this.#admin, {
      ...consume,
      isOurs: (partition) => this.#workers.has(partition),
    })
    const { topic, name } = consume
    const { logger, meter } = options
    this.#rangeMonitor = new OffsetRangeMonitor({ topic, name, offsets: this.#offsets, logger, meter })
    this.#member = new GroupMember({
      ...options,
      kafka,
      consume,
      owned: () => [...this.#workers.keys()],
      metadataOf: (partition) => this.#workers.get(partition)?.metadata ?? null,
      events: {
        joined: (memberId, partitions) => this.#joined(memberId, partitions),
        fetched: (payload) => this.#fetched(payload),
        ended: (reason) => this.#noteEnd(reason),
        skipped: (partition, endOffset, highWatermark) =>
          this.#workers.get(partition)?.push({ messages: [], endOffset }, highWatermark),
      },
    })
    this.#committer = new OffsetCommitter({
      send: async (offsets) => {
        await this.#member.commit(offsets)
        this.#offsets.committed(offsets)
      },
      backoff: options.backoff,
      logger: options.logger,
    })
  }

  /**
   * Resolves once joined. Closes and rejects after `joinTimeoutMs`, when `signal` fires, or when Kafka refuses access.
   */
  async start(): Promise<void> {
    const { signal } = this.#consume
    const waiting = new AbortController()
    const joined = new Promise<'joined'>((resolve) => {
      this.#firstJoin = () => resolve('joined')
    })
    const refused = new Promise<'refused'>((resolve) => {
      this.#refused = () => resolve('refused')
    })
    // Checks offsets before the member runs, because kafkajs would move them silently.
    void this.#findStart().then(() => this.#member.run())
    const aborted = new Promise<'aborted'>((resolve) => {
      signal?.addEventListener('abort', () => resolve('aborted'), { once: true, signal: waiting.signal })
    })
    this.#reportWaiting(waiting.signal)
    const late = sleep(this.#options.joinTimeoutMs, waiting.signal)
    const outcome = await Promise.race([joined, aborted, refused, late])
    waiting.abort()
    if (outcome === 'joined' && !signal?.aborted) {
      signal?.addEventListener('abort', () => void this.close(), { once: true })
      return
    }
    await this.close()
    if (signal?.aborted)
      throw new KtError('KT_ABORTED', 'consume was aborted before it joined', { retryable: false })
    throw this.#notJoined(outcome === 'refused')
  }

  async #findStart(): Promise<void> {
    if (this.#consume.from === 'latest') await this.#beginAtLatest()
    await this.#rangeMonitor.atStart()
  }

  /** Retries without limit: a group that began at the earliest message would read unwanted messages. */
  async #beginAtLatest(): Promise<void> {
    const { backoff, logger } = this.#options
    for (let attempt = 1; !this.#ending.signal.aborted; attempt += 1) {
      try {
        return await this.#offsets.beginAtLatest()
      } catch (error) {
        this.#lastFailure = error
        logger.warn('Could not set the consumer group to the latest offsets, retrying', {
          ...this.#where(),
          attempt,
          ...errorFields(error),
        })
      }
      await sleep(backoff(attempt), this.#ending.signal)
    }
  }

  /**
   * A join may take long: the group waits for its members to rejoin, and for a killed one until its session times out.
   */
  #reportWaiting(joined: AbortSignal): void {
    const { logger, sessionTimeoutMs } = this.#options
    const report = setInterval(
      () =>
        logger.warn('Still joining the group: Kafka waits for a killed member until its session times out', {
          ...this.#where(),
          sessionTimeoutMs,
        }),
      waitingReportMs,
    )
    joined.addEventListener('abort', () => clearInterval(report), { once: true })
  }

  #notJoined(refused: boolean): KtError {
    const { name, topic } = this.#consume
    const why = refused
      ? `: Kafka refuses access; ${accessAdvice}`
      : ` within ${this.#options.joinTimeoutMs} ms; is Kafka reachable?`
    return new KtError('KT_CONSUME_FAILED', `"${name}" could not join its group for "${topic}"${why}`, {
      retryable: !refused,
      ...(this.#lastFailure !== undefined && { cause: this.#lastFailure }),
    })
  }

  /** Rejects `start` if access is refused. After the first join a refusal is retried: credentials may be changing. */
  #noteEnd(reason: unknown): void {
    this.#isMember = false
    this.#lastFailure = reason
    if (isAccessRefused(reason)) this.#refused?.()
  }

  async whenCaughtUp(options?: CatchUpOptions): Promise<void> {
    try {
      await this.#offsets.whenCaughtUp(options)
    } catch (error) {
      if (KtError.isInstance(error) || !this.#closing) throw error
      // `close` disconnected the admin client.
      throw new KtError('KT_CLOSED', 'The worker was closed', { retryable: false, cause: error })
    }
  }

  lag(): Promise<bigint> {
    return this.#offsets.lag()
  }

  ends(): Promise<ReadonlyMap<number, bigint>> {
    return this.#offsets.ends()
  }

  async isBehind({ ageMs = 5_000 }: BehindOptions = {}): Promise<boolean> {
    return this.#offsets.isBehind(optionChecker('isBehind').integer('ageMs', ageMs))
  }

  isReady(): boolean {
    return this.#isMember && this.#closing === undefined
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#ending.abort()
    const { closeTimeoutMs, logger } = this.#options
    const endsAtMs = performance.now() + closeTimeoutMs
    const leftMs = (): number => Math.max(closingMs, endsAtMs - performance.now())
    const workers = [...this.#workers.values()]
    for (const worker of workers) worker.end()
    const grace = new AbortController()
    const finished = Promise.all(workers.map((worker) => worker.ended)).then(() => true)
    const inTime = await Promise.race([finished, sleep(closeTimeoutMs, grace.signal).then(() => false)])
    grace.abort()
    if (!inTime) {
      logger.warn('Closing without the current batch, which will be delivered again', {
        group: this.#consume.name,
      })
      for (const worker of workers) worker.lose()
    }
    await this.#committer.close(leftMs())
    // kafkajs leaves a group that it is still joining only once it has joined.
    await this.#member.close(this.#isMember ? leftMs() : closingMs)
    await this.#admin
      .close()
      .catch((error: unknown) => logger.debug('Disconnecting failed', errorFields(error)))
    this.#onClosed()
  }

  #joined(memberId: string, partitions: readonly number[]): void {
    // Under a new member id, another member may have owned any partition meanwhile, so no buffer is up to date.
    const kept = memberId === this.#memberId ? new Set(partitions) : new Set<number>()
    this.#memberId = memberId
    this.#isMember = true
    for (const [partition, worker] of this.#workers) {
      if (kept.has(partition)) this.#keep(partition, worker)
      else this.#lose(partition, worker)
    }
    if (this.#closing) return
    for (const partition of partitions) if (!this.#workers.has(partition)) this.#begin(partition)
    this.#options.logger.info('Joined the group', { ...this.#where(), partitions })
    this.#firstJoin?.()
  }

  #keep(partition: number, worker: PartitionWorker): void {
    worker.rejoined()
    if (worker.position !== undefined) this.#member.seek(partition, worker.position)
  }

  #lose(partition: number, worker: PartitionWorker): void {
    worker.lose()
    this.#committer.forget(partition)
    this.#workers.delete(partition)
  }

  #begin(partition: number): void {
    const { maxBufferedBytesPerPartition, backoff, logger, meter } = this.#options
    const { topic, name, batchSize, deadLetter } = this.#consume
    const worker = new PartitionWorker({
      topic,
      name,
      partition,
      batchSize,
      deadLetter,
      backoff,
      logger,
      meter,
      handler: this.#handler,
      maxBufferedBytes: maxBufferedBytesPerPartition,
      commit: (of, offset) => this.#committer.commit(of, offset),
      seek: (offset) => this.#member.seek(partition, offset),
      onGap: (expected) => void this.#rangeMonitor.atGap(partition, expected),
      after: this.#ended.get(partition) ?? Promise.resolve(),
    })
    this.#workers.set(partition, worker)
    this.#ended.set(partition, worker.ended)
  }

  async #fetched(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload
    const worker = this.#workers.get(batch.partition)
    // A stale batch was fetched before a seek. Its messages are not the next ones.
    if (!worker || batch.isEmpty() || payload.isStale()) return
    if (worker.isParked) return worker.paused(payload.pause())
    const lastOffset = batch.lastOffset()
    payload.resolveOffset(lastOffset)
    worker.push({ messages: batch.messages, endOffset: BigInt(lastOffset) + 1n }, BigInt(batch.highWatermark))
    if (!worker.isFull || (await this.#whenRoom(worker, payload))) return
    worker.paused(payload.pause())
  }

  /** Waits for room in the buffer. Resolves with false when the partition should be paused instead. */
  async #whenRoom(worker: PartitionWorker, payload: EachBatchPayload): Promise<boolean> {
    for (;;) {
      if (await worker.whenRoom(roomWaitMs)) return true
      if (worker.isWaiting) return false
      for (const other of this.#workers.values()) if (other !== worker && other.wantsMore) return false
      // kafkajs sends heartbeats only between fetches. Their responses also report a rebalance.
      await payload.heartbeat()
    }
  }

  #where(): { topic: string; group: string } {
    return { topic: this.#consume.topic, group: this.#consume.name }
  }
}
