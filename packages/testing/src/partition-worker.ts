import { isRefused } from '@kt/core/internal'
import type { BatchContext, Message, Pause } from '@kt/core'
import type { Clock } from './clock.ts'
import { deliveredMessage } from './delivered-message.ts'
import type { Member } from './member.ts'
import { nextTurn } from './real-timers.ts'
import type { StoredMessage, Topic } from './topic.ts'

/** What a worker needs of the broker. */
export interface WorkerContext {
  readonly clock: Clock
  readonly options: { readonly attempts: number }
  noteActivity(): void
}

/** A batch that is handled until it succeeds. */
interface Batch {
  readonly size: number
  /** Attempts so far, and since the last retry that a test asked for. */
  attempts: number
  attemptsInARow: number
}

/** Delivers the messages of one partition to its owner in a group, one batch at a time and in order. */
export class PartitionWorker {
  readonly partition: number
  readonly #topic: Topic
  readonly #context: WorkerContext
  #owner: Member | undefined
  #lost = new AbortController()
  #committed: bigint | undefined
  #batch: Batch | undefined
  #pausedUntilMs: number | undefined
  #failure: { readonly error: unknown } | undefined
  /** Up to this offset, messages are delivered one by one, to isolate one that is refused. */
  #singleUpTo = 0n
  #running: Promise<void> | undefined

  constructor(topic: Topic, partition: number, context: WorkerContext) {
    this.#topic = topic
    this.partition = partition
    this.#context = context
  }

  get owner(): Member | undefined {
    return this.#owner
  }

  /** The offset that the group has committed. */
  get committed(): bigint | undefined {
    return this.#committed
  }

  /** The first message that is not committed. */
  get position(): bigint {
    return this.#committed ?? 0n
  }

  get lag(): bigint {
    return this.#topic.end(this.partition) - this.position
  }

  /** The error of the handler, if it has failed too often in a row. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#owner && this.#failure
  }

  /** Whether it handles messages, or is about to. */
  get isBusy(): boolean {
    return this.#running !== undefined
  }

  /** When its pause ends, by the broker's clock. */
  get pausedUntilMs(): number | undefined {
    return this.#owner && this.#pausedUntilMs
  }

  /** Sets where a new group begins. */
  begin(offset: bigint): void {
    this.#committed = offset
  }

  /** Gives the partition to another member. What the former one still handles is not committed. */
  assign(owner: Member | undefined): void {
    if (owner === this.#owner) return
    this.#lost.abort()
    this.#lost = new AbortController()
    this.#owner = owner
    this.#batch = undefined
    this.#pausedUntilMs = undefined
    this.#failure = undefined
    this.wake()
  }

  /** Tries a batch again that has failed too often. */
  retry(): void {
    if (this.#failure === undefined) return
    this.#failure = undefined
    if (this.#batch) this.#batch.attemptsInARow = 0
    this.wake()
  }

  /** Starts to deliver, if there is something that may be delivered now. */
  wake(): void {
    if (this.#running !== undefined || !this.#mayDeliver()) return
    this.#running = this.#run().finally(() => {
      this.#running = undefined
      this.#context.noteActivity()
    })
  }

  /** Resolves when no batch is being handled. */
  async whenIdle(): Promise<void> {
    await this.#running
  }

  #mayDeliver(): boolean {
    if (this.#owner === undefined || this.#owner.isEnding || this.#failure !== undefined) return false
    if (this.#pausedUntilMs !== undefined) {
      if (this.#pausedUntilMs > this.#context.clock.nowMs) return false
      this.#pausedUntilMs = undefined
    }
    return this.lag > 0n
  }

  async #run(): Promise<void> {
    // Messages that are written in the same turn share a batch, and a handler never runs inside a call of `produce`.
    await nextTurn()
    while (this.#mayDeliver()) {
      await this.#deliver()
      this.#context.noteActivity()
      await nextTurn()
    }
  }

  async #deliver(): Promise<void> {
    const owner = this.#owner
    if (owner === undefined) return
    const { signal } = this.#lost
    const batch = (this.#batch ??= this.#nextBatch(owner))
    batch.attempts += 1
    batch.attemptsInARow += 1
    const messages = this.#messages(batch.size)
    const { name: topic } = this.#topic
    const context: BatchContext = { topic, partition: this.partition, attempt: batch.attempts, signal }
    try {
      const pause = await owner.handler(messages, context)
      if (!signal.aborted) this.#commit(messages, pause ?? undefined)
    } catch (error) {
      if (!signal.aborted) await this.#fail(messages, batch, { error, owner, signal })
    }
  }

  #nextBatch({ batchSize }: Member): Batch {
    const most = this.position < this.#singleUpTo ? 1 : batchSize
    const size = this.#topic.read(this.partition, this.position, most).length
    return { size, attempts: 0, attemptsInARow: 0 }
  }

  #messages(count: number): readonly Message[] {
    const dateMs = Date.now()
    return this.#topic
      .read(this.partition, this.position, count)
      .map((stored) => deliveredMessage(stored, dateMs - this.#ageOf(stored)))
  }

  /** Whether a message that is older than `ageMs` has not been committed yet. */
  isBehind(ageMs: number): boolean {
    const [oldest] = this.#topic.read(this.partition, this.position, 1)
    return oldest !== undefined && this.#ageOf(oldest) > ageMs
  }

  #ageOf({ writtenAtMs }: StoredMessage): number {
    return this.#context.clock.nowMs - writtenAtMs
  }

  #commit(messages: readonly Message[], pause?: Pause): void {
    const rest = pause && messages.find(({ offset }) => offset >= pause.from)
    const done = rest?.offset ?? (messages.at(-1)?.offset ?? -1n) + 1n
    if (done > this.position) this.#committed = done
    this.#batch = undefined
    if (pause && rest && pause.forMs > 0) this.#pausedUntilMs = this.#context.clock.nowMs + pause.forMs
  }

  async #fail(
    messages: readonly Message[],
    batch: Batch,
    { error, owner, signal }: { error: unknown; owner: Member; signal: AbortSignal },
  ): Promise<void> {
    if (owner.deadLetter && isRefused(error)) {
      if (messages.length > 1) return this.#isolate(messages)
      try {
        for (const message of messages) await owner.deadLetter(message, error)
        if (!signal.aborted) this.#commit(messages)
        return
      } catch {
        // The message is tried again, as in the real Consumer.
      }
    }
    if (!signal.aborted && batch.attemptsInARow >= this.#context.options.attempts) this.#failure = { error }
  }

  #isolate(messages: readonly Message[]): void {
    this.#singleUpTo = this.position + BigInt(messages.length)
    this.#batch = undefined
  }
}
