import { sleep } from '@kt/core/internal'
import type { Message, Pause } from '@kt/core'
import { countBefore } from './count-before.ts'
import { GivenUpLog } from './given-up.ts'
import { handleBatch } from './handle-batch.ts'
import type { HandleBatchOptions } from './handle-batch.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import type { Chunk } from './partition-buffer.ts'

export interface PartitionWorkerOptions extends Omit<HandleBatchOptions, 'ending' | 'lost' | 'gaveUp'> {
  readonly batchSize: number
  readonly maxBufferedBytes: number
  readonly commit: (partition: number, offset: bigint) => void
  /** Called when a fetch returned later messages than this offset. */
  readonly onGap: (expected: bigint) => void
  /** Sets where the next fetch begins. */
  readonly seek: (offset: bigint) => void
  /**
   * Resolves when the partition's earlier worker in this process has ended, so that handlers of a partition never
   * overlap.
   */
  readonly after: Promise<void>
}

/** During a longer pause the messages are dropped to save memory, and fetched again before its end. */
const longPauseMs = 10_000
/** How long before the end they are fetched: the first fetch may be late. */
const fetchAheadMs = 2_000

/**
 * Handles the messages of one partition while this member owns it. Fetches fill a buffer, and a loop takes batches from
 * it, one at a time and in order. Retries and pauses happen here and not in kafkajs's handler, where they would block
 * the fetches of other partitions.
 */
export class PartitionWorker {
  /** Resolves when the loop has ended. */
  readonly ended: Promise<void>
  readonly #options: PartitionWorkerOptions
  readonly #buffer: PartitionBuffer
  readonly #ending = new AbortController()
  readonly #lost = new AbortController()
  readonly #givenUp = new GivenUpLog()
  #arrived: (() => void) | undefined
  #resume: (() => void) | undefined
  #position: bigint | undefined
  #rejoined = false
  #waiting = false
  #parked = false

  constructor(options: PartitionWorkerOptions) {
    this.#options = options
    this.#buffer = new PartitionBuffer(options.topic, options.partition)
    this.ended = options.after.then(() => this.#run())
  }

  /** The offset after the last fetched message. */
  get position(): bigint | undefined {
    return this.#position
  }

  /** The metadata of commits: what is known about messages that were given up. */
  get metadata(): string | null {
    return this.#givenUp.metadata
  }

  get isFull(): boolean {
    return this.#buffer.bytes >= this.#options.maxBufferedBytes
  }

  /** Whether it can take a fetch: it neither waits for room nor is its fetching paused. */
  get wantsMore(): boolean {
    return this.#resume === undefined
  }

  /** Whether it drops fetched messages, which are fetched again later. True during a long pause. */
  get isParked(): boolean {
    return this.#parked
  }

  /** Whether there will be no room soon: it waits for a retry or is paused, or it ends. */
  get isWaiting(): boolean {
    return this.#waiting || this.#ending.signal.aborted
  }

  /** Resolves with true when the buffer is no longer full. Resolves with false after `ms`, or at once during a wait. */
  async whenRoom(ms: number): Promise<boolean> {
    if (!this.isFull) return true
    if (this.#waiting) return false
    const room = new AbortController()
    const resume = (): void => room.abort()
    this.#resume = resume
    await sleep(ms, room.signal)
    if (this.#resume === resume) this.#resume = undefined
    return room.signal.aborted
  }

  /** Adds the messages of a fetch. */
  push(chunk: Chunk, highWatermark: bigint): void {
    if (this.#parked) return
    const fresh = this.#unseen(chunk, highWatermark)
    this.#position = fresh.endOffset
    if (fresh.messages.length > 0) {
      this.#buffer.push(fresh)
      this.#arrived?.()
      return
    }
    // There are only transaction markers. Their end must be committed although there is nothing to handle.
    if (!this.#buffer.extend(fresh.endOffset)) this.#options.commit(this.#options.partition, fresh.endOffset)
  }

  /** Records that we kept the partition in a rebalance: kafkajs may fetch buffered messages again. */
  rejoined(): void {
    this.#rejoined = true
  }

  /** Records that fetching is paused. `resume` is called once there is room. */
  paused(resume: () => void): void {
    this.#resume = resume
    this.#resumeIfRoom()
  }

  /** Ends after the current batch. */
  end(): void {
    this.#ending.abort()
    this.#arrived?.()
  }

  /** Ends at once, because the partition went to another member. The current batch will not be committed. */
  lose(): void {
    this.#lost.abort()
    this.end()
    this.#buffer.clear()
    this.#resume?.()
    this.#resume = undefined
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const pause = await this.#work()
      if (pause !== undefined) await this.#pause(pause)
    }
  }

  /**
   * Handles one batch, and returns the pause before the next. A separate method, so that its batch can be freed
   * meanwhile.
   */
  async #work(): Promise<Pause | undefined> {
    const { batchSize, partition, commit } = this.#options
    const messages = this.#buffer.peek(batchSize)
    if (messages.length === 0) return await this.#arrival()
    const outcome = await this.#handle(messages)
    if (outcome === 'abandoned' || this.#lost.signal.aborted) return undefined
    const done = outcome === 'done' ? messages.length : countBefore(messages, outcome.from)
    if (done > 0) commit(partition, this.#buffer.drop(done))
    this.#resumeIfRoom()
    const next = messages[done]
    return outcome === 'done' || !next ? undefined : { from: next.offset, forMs: outcome.forMs }
  }

  async #handle(messages: readonly Message[]): Promise<Pause | 'done' | 'abandoned'> {
    const retrying = (attempt: number): number => {
      this.#waiting = true
      return this.#options.backoff(attempt)
    }
    const { signal: ending } = this.#ending
    const { signal: lost } = this.#lost
    const outcome = await handleBatch(messages, {
      ...this.#options,
      gaveUp: (messages) => this.#givenUp.add(messages),
      backoff: retrying,
      ending,
      lost,
    })
    this.#waiting = false
    return outcome
  }

  async #pause({ from, forMs }: Pause): Promise<void> {
    const { signal } = this.#ending
    const untilMs = performance.now() + forMs
    this.#waiting = true
    if (forMs > longPauseMs) {
      this.#park(from)
      await sleep(forMs - fetchAheadMs, signal)
      if (!signal.aborted) this.#unpark(from)
    }
    // Timers may fire early, because they count from the start of the event loop's turn.
    do await sleep(untilMs - performance.now(), signal)
    while (!signal.aborted && performance.now() < untilMs)
    this.#waiting = false
  }

  #park(from: bigint): void {
    this.#parked = true
    this.#buffer.clear()
    this.#position = from
  }

  #unpark(from: bigint): void {
    this.#parked = false
    this.#options.seek(from)
    this.#resumeIfRoom()
  }

  async #arrival(): Promise<undefined> {
    await new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    this.#arrived = undefined
  }

  /** Resumes as soon as there is any room: the next batch may empty the buffer. */
  #resumeIfRoom(): void {
    if (this.#parked || this.isFull) return
    this.#resume?.()
    this.#resume = undefined
  }

  #unseen(chunk: Chunk, highWatermark: bigint): Chunk {
    const position = this.#position
    const [first] = chunk.messages
    if (position === undefined || !first || BigInt(first.offset) >= position) {
      if (position === undefined) this.#givenUp.begin(first ? BigInt(first.offset) : chunk.endOffset)
      if (position !== undefined && first && BigInt(first.offset) > position) this.#options.onGap(position)
      this.#rejoined = false
      return chunk
    }
    if (!this.#rejoined || highWatermark < position) {
      // The topic was truncated or recreated, and its offsets start over: all messages are new.
      this.#options.logger.warn('Offsets went backwards: the topic was truncated or recreated', {
        topic: this.#options.topic,
        partition: this.#options.partition,
        expected: String(position),
        found: first.offset,
      })
      this.#rejoined = false
      this.#givenUp.begin(BigInt(first.offset))
      return chunk
    }
    const messages = chunk.messages.filter(({ offset }) => BigInt(offset) >= position)
    return { messages, endOffset: chunk.endOffset > position ? chunk.endOffset : position }
  }
}
