import { sleep } from '@kt/core'
import type { Pause, Message } from '@kt/core'
import { countBefore } from './count-before.ts'
import { handleBatch } from './handle-batch.ts'
import type { HandleBatchOptions } from './handle-batch.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import type { Chunk } from './partition-buffer.ts'

export interface PartitionWorkerOptions extends Omit<HandleBatchOptions, 'ending' | 'lost'> {
  readonly batchSize: number
  readonly maxBufferedBytes: number
  readonly commit: (partition: number, offset: bigint) => void
  /** A fetch brought later messages than this offset. */
  readonly onGap: (expected: bigint) => void
  /** Sets where the next fetch begins. */
  readonly seek: (offset: bigint) => void
  /** Resolves when the partition's earlier worker in this process has ended: handlers of a partition never overlap. */
  readonly after: Promise<void>
}

/** During a longer wait no messages are kept in memory: they are dropped, and fetched again before its end. */
const longWaitMs = 10_000
/** How long before that end: the first fetch after a pause may be late. */
const fetchAheadMs = 2_000

/**
 * Works on one partition while we own it: a loop that takes batches, one at a time and in order, from a buffer that the
 * fetches fill. Retries and waits happen here rather than in kafkajs's handler, where they would stop the fetches of
 * other partitions.
 */
export class PartitionWorker {
  /** Resolves when the loop has ended. */
  readonly ended: Promise<void>
  readonly #options: PartitionWorkerOptions
  readonly #buffer: PartitionBuffer
  readonly #ending = new AbortController()
  readonly #lost = new AbortController()
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

  get isFull(): boolean {
    return this.#buffer.bytes >= this.#options.maxBufferedBytes
  }

  /** Whether it takes fetches: it neither waits for room nor is paused. */
  get wantsMore(): boolean {
    return this.#resume === undefined
  }

  /** Whether it drops what is fetched, which is fetched again later. */
  get isParked(): boolean {
    return this.#parked
  }

  /** Whether there will be no room soon: the handler waits, for a retry or by its own wish. */
  get isWaiting(): boolean {
    return this.#waiting || this.#ending.signal.aborted
  }

  /** Resolves with true when the buffer is no longer full; with false after `ms`, or at once while the handler waits. */
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
    // Transaction markers only: nothing to handle, but their end must be committed.
    if (!this.#buffer.extend(fresh.endOffset)) this.#options.commit(this.#options.partition, fresh.endOffset)
  }

  /** Notes that we kept the partition in a rebalance: kafkajs may fetch messages again that are here already. */
  rejoined(): void {
    this.#rejoined = true
  }

  /** Notes that fetching is paused. `resume` is called once there is room and messages are wanted. */
  paused(resume: () => void): void {
    this.#resume = resume
    this.#resumeIfRoom()
  }

  /** Lets the batch in hand finish, then ends. */
  end(): void {
    this.#ending.abort()
    this.#arrived?.()
  }

  /** Ends at once: the partition went to another member. The batch in hand will not be committed. */
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
      if (pause !== undefined) await this.#wait(pause)
    }
  }

  /** Handles one batch, and returns the wait before the next. A method of its own: no batch is kept in memory meanwhile. */
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
    const outcome = await handleBatch(messages, { ...this.#options, backoff: retrying, ending, lost })
    this.#waiting = false
    return outcome
  }

  async #wait({ from, forMs }: Pause): Promise<void> {
    const { signal } = this.#ending
    const untilMs = performance.now() + forMs
    this.#waiting = true
    if (forMs > longWaitMs) {
      this.#park(from)
      await sleep(forMs - fetchAheadMs, signal)
      if (!signal.aborted) this.#unpark(from)
    }
    // Timers count from the start of the event loop's turn, so they may fire early.
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

  /** As soon as there is any room: the next batch may be all that is left in the buffer. */
  #resumeIfRoom(): void {
    if (this.#parked || this.isFull) return
    this.#resume?.()
    this.#resume = undefined
  }

  #unseen(chunk: Chunk, highWatermark: bigint): Chunk {
    const position = this.#position
    const [first] = chunk.messages
    if (position === undefined || !first || BigInt(first.offset) >= position) {
      if (position !== undefined && first && BigInt(first.offset) > position) this.#options.onGap(position)
      this.#rejoined = false
      return chunk
    }
    if (!this.#rejoined || highWatermark < position) {
      // The topic was truncated or created anew, and its offsets start over: nothing of this was seen before.
      this.#options.logger.warn('Offsets went backwards: the topic was truncated or created anew', {
        topic: this.#options.topic,
        partition: this.#options.partition,
        expected: String(position),
        found: first.offset,
      })
      this.#rejoined = false
      return chunk
    }
    const messages = chunk.messages.filter(({ offset }) => BigInt(offset) >= position)
    return { messages, endOffset: chunk.endOffset > position ? chunk.endOffset : position }
  }
}
