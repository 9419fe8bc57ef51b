import { sleep } from '@kt/core'
import type { Hold } from '@kt/core'
import type { KafkaMessage } from 'kafkajs'
import { handleBatch } from './handle-batch.ts'
import type { HandleBatchOptions } from './handle-batch.ts'
import { ConsumedMessage } from './kafka-message.ts'
import { PartitionBuffer } from './partition-buffer.ts'
import type { Chunk } from './partition-buffer.ts'

export interface PartitionWorkerOptions extends Omit<HandleBatchOptions, 'ending' | 'lost'> {
  readonly batchSize: number
  readonly maxBufferedBytes: number
  readonly commit: (partition: number, offset: bigint) => void
  /** A fetch brought nothing from this offset on, but later messages. */
  readonly onGap: (expected: bigint) => void
  /** The former worker of this partition in this process: no message is handled before its handler has returned. */
  readonly after: Promise<void>
}

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

  /** Resolves when the buffer is half empty, at most after `ms`, with whether it is. At once while room won't come. */
  async whenRoom(ms: number): Promise<boolean> {
    if (this.#waiting) return false
    const room = new AbortController()
    this.#resume = () => room.abort()
    await sleep(ms, room.signal)
    this.#resume = undefined
    return room.signal.aborted
  }

  /** Takes in what a fetch brought. */
  push(chunk: Chunk, highWatermark: bigint): void {
    const fresh = this.#unseen(chunk, highWatermark)
    this.#position = fresh.endOffset
    if (fresh.messages.length > 0) {
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

  /** Notes that fetching is paused; `resume` is called once there is room. */
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
    const { batchSize, topic, partition, commit } = this.#options
    while (!this.#ending.signal.aborted) {
      const raw = this.#buffer.peek(batchSize)
      if (raw.length === 0) {
        await this.#arrival()
        continue
      }
      const messages = raw.map((message) => new ConsumedMessage(topic, partition, message))
      const outcome = await this.#handle(messages)
      if (outcome === 'abandoned' || this.#lost.signal.aborted) return
      const done = outcome === 'done' ? raw.length : countBefore(raw, outcome.from)
      if (done > 0) commit(partition, this.#buffer.drop(done))
      this.#resumeIfRoom()
      if (outcome !== 'done' && done < raw.length) await this.#wait(outcome.forMs)
    }
  }

  async #handle(messages: readonly ConsumedMessage[]): Promise<Hold | 'done' | 'abandoned'> {
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

  async #wait(ms: number): Promise<void> {
    this.#waiting = true
    await sleep(ms, this.#ending.signal)
    this.#waiting = false
  }

  async #arrival(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#arrived = resolve
    })
    this.#arrived = undefined
  }

  /** Half full is early enough to fetch the next, and late enough not to pause and resume for every message. */
  #resumeIfRoom(): void {
    if (this.#buffer.bytes > this.#options.maxBufferedBytes / 2) return
    this.#resume?.()
    this.#resume = undefined
  }

  #unseen(chunk: Chunk, highWatermark: bigint): Chunk {
    const position = this.#position
    const first = chunk.messages[0]
    if (position === undefined || !first || BigInt(first.offset) >= position) {
      if (position !== undefined && first && BigInt(first.offset) > position) this.#options.onGap(position)
      this.#rejoined = false
      return chunk
    }
    if (!this.#rejoined || highWatermark < position) {
      // The topic was cut off or made anew, and its offsets start over: nothing of this was seen before.
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

function countBefore(messages: readonly KafkaMessage[], offset: bigint): number {
  const index = messages.findIndex((message) => BigInt(message.offset) >= offset)
  return index === -1 ? messages.length : index
}
