import { sleep } from '@kt/core'
import type { Hold, Message } from '@kt/core'
import { countBefore } from './count-before.ts'
import { handleBatch } from './handle-batch.ts'
import type { HandleBatchOptions } from './handle-batch.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import type { Chunk } from './partition-buffer.ts'

export interface PartitionWorkerOptions extends Omit<HandleBatchOptions, 'ending' | 'lost'> {
  readonly batchSize: number
  readonly maxBufferedBytes: number
  readonly commit: (partition: number, offset: bigint) => void
  /** A fetch brought nothing from this offset on, but later messages. */
  readonly onGap: (expected: bigint) => void
  /** Moves where the next fetch begins. */
  readonly seek: (offset: bigint) => void
  /** The former worker of this partition in this process: no message is handled before its handler has returned. */
  readonly after: Promise<void>
}

/** A wait that is longer is spent without the messages: they are dropped, and fetched again for its end. */
const longWaitMs = 10_000
/** So long before that end: the first fetch after a pause may be late. */
const fetchAheadMs = 2_000

/** As much of the buffer is full, or less, when the next messages are fetched. */
const resumeShare = 0.75

/**
 * Works on one partition while it is ours: a loop that takes batches from a buffer which the fetches fill. One batch at
 * a time, in order; retries and holds wait here, away from kafkajs, whose fetches for other partitions they would stop.
 */
export class PartitionWorker {
  /** Resolves when the loop has ended. */
  readonly ended: Promise<void>
  readonly #options: PartitionWorkerOptions
  readonly #buffer = new PartitionBuffer()
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
    this.ended = options.after.then(() => this.#run())
  }

  /** The offset after the last message that was taken in. */
  get position(): bigint | undefined {
    return this.#position
  }

  get isFull(): boolean {
    return this.#buffer.bytes >= this.#options.maxBufferedBytes
  }

  /** Whether it can take a fetch: it neither waits for room nor is it paused. */
  get wantsMore(): boolean {
    return this.#resume === undefined
  }

  /** Whether it takes nothing now: what is fetched is fetched again later. */
  get isParked(): boolean {
    return this.#parked
  }

  /** Whether no room will come soon: the handler is tried again later, or wishes to wait. */
  get isWaiting(): boolean {
    return this.#waiting || this.#ending.signal.aborted
  }

  /** Resolves when a quarter of the buffer is free, at most after `ms`, with whether it is. At once while room won't come. */
  async whenRoom(ms: number): Promise<boolean> {
    if (this.#waiting) return false
    const room = new AbortController()
    const resume = (): void => room.abort()
    this.#resume = resume
    await sleep(ms, room.signal)
    if (this.#resume === resume) this.#resume = undefined
    return room.signal.aborted
  }

  /** Takes in what a fetch brought. */
  push(chunk: Chunk, highWatermark: bigint): void {
    if (this.#parked) return
    const fresh = this.#unseen(chunk, highWatermark)
    this.#position = fresh.endOffset
    if (fresh.messages.length > (fresh.seen ?? 0)) {
      this.#buffer.push(fresh)
      this.#arrived?.()
      return
    }
    // A range of transaction markers only has nothing to handle, but its end must be committed like any other.
    if (!this.#buffer.extend(fresh.endOffset)) this.#options.commit(this.#options.partition, fresh.endOffset)
  }

  /** The group has rebalanced and the partition is still ours: kafkajs may fetch again what is here already. */
  rejoined(): void {
    this.#rejoined = true
  }

  /** Notes that fetching is paused; `resume` is called once there is room, and no wait without messages. */
  paused(resume: () => void): void {
    this.#resume = resume
    this.#resumeIfRoom()
  }

  /** Lets the batch in hand finish, then ends. */
  end(): void {
    this.#ending.abort()
    this.#arrived?.()
  }

  /** The partition is not ours any more: whatever the handler still does is not committed. */
  lose(): void {
    this.#lost.abort()
    this.end()
    this.#buffer.clear()
    this.#resume?.()
    this.#resume = undefined
  }

  async #run(): Promise<void> {
    while (!this.#ending.signal.aborted) {
      const hold = await this.#work()
      if (hold !== undefined) await this.#wait(hold)
    }
  }

  /** Handles one batch, and returns the wait before the next. By itself, so that no batch is kept in memory meanwhile. */
  async #work(): Promise<Hold | undefined> {
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

  async #handle(messages: readonly Message[]): Promise<Hold | 'done' | 'abandoned'> {
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

  async #wait({ from, forMs }: Hold): Promise<void> {
    const { signal } = this.#ending
    const untilMs = performance.now() + forMs
    this.#waiting = true
    if (forMs > longWaitMs) {
      this.#park(from)
      await sleep(forMs - fetchAheadMs, signal)
      if (!signal.aborted) this.#unpark(from)
    }
    // A timer counts from when the turn of the event loop began, so it may fire early.
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

  /** Early enough to fetch what comes next before the rest is handled, late enough not to do it for every message. */
  #resumeIfRoom(): void {
    if (this.#parked || this.#buffer.bytes > this.#options.maxBufferedBytes * resumeShare) return
    this.#resume?.()
    this.#resume = undefined
  }

  #unseen(chunk: Chunk, highWatermark: bigint): Chunk {
    const position = this.#position
    const [first] = chunk.messages.slice(0, 1)
    if (position === undefined || !first || first.offset >= position) {
      if (position !== undefined && first && first.offset > position) this.#options.onGap(position)
      this.#rejoined = false
      return chunk
    }
    if (!this.#rejoined || highWatermark < position) {
      // The topic was cut off or made anew, and its offsets start over: nothing of this was seen before.
      this.#options.logger.warn('Offsets went backwards: the topic was truncated or created anew', {
        topic: this.#options.topic,
        partition: this.#options.partition,
        expected: String(position),
        found: String(first.offset),
      })
      this.#rejoined = false
      return chunk
    }
    const { messages, endOffset } = chunk
    const seen = countBefore(messages.slice(), position)
    return { messages, seen, endOffset: endOffset > position ? endOffset : position }
  }
}
