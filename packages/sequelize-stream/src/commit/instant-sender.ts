import { errorFields, KtError } from '@kt/core'
import type { Logger, Meter, WrittenRanges } from '@kt/core'
import type { ChangeLog } from '../changes/change-log.ts'
import type { LoggedChanges, MessageSender } from './message-sender.ts'
import { united } from './sent-changes.ts'
import type { WrittenTopics } from './sent-changes.ts'

/** The pause per sent message, during which the next messages gather. At most `longestPauseMs` in total. */
const pausePerMessageMs = 4
const longestPauseMs = 20

/**
 * Building many messages blocks the process, which after COMMIT often builds the next statement, of as many rows. After
 * this pause, longer than a round trip, the database is probably busy with that statement.
 */
const manyPauseMs = 3

/** Gathered transactions share a call to the producer, unless one has changed more records than this. */
const maxShared = 100

export interface InstantSenderOptions {
  readonly sender: MessageSender
  readonly logger: Logger
  readonly meter: Meter
  /** Maximum number of unacknowledged messages. Above it, transactions send none. */
  readonly maxMessages: number
}

/** The changes of one transaction, waiting to be sent. */
interface Waiting extends LoggedChanges {
  readonly size: number
  /** Called with undefined if the messages could not be sent. */
  readonly settle: (written: WrittenTopics | undefined) => void
}

/**
 * Sends instant messages, which nothing waits for. If sending fails, the delay messages still follow.
 *
 * A single message is sent at once. The more messages there are, the longer the next ones gather, so that they share
 * requests. One request costs the process and the broker as much as dozens of messages.
 */
export class InstantSender {
  readonly #sender: MessageSender
  readonly #logger: Logger
  readonly #meter: Meter
  readonly #maxMessages: number
  readonly #underWay = new Set<Promise<void>>()
  #gathered: Waiting[] = []
  #timer: NodeJS.Timeout | undefined
  #pauseEndsAtMs = 0
  #messages = 0

  constructor(options: InstantSenderOptions) {
    this.#sender = options.sender
    this.#logger = options.logger
    this.#meter = options.meter
    this.#maxMessages = options.maxMessages
  }

  /** Resolves with where the messages are once Kafka has acknowledged them, or with undefined if it hasn't. */
  send(log: ChangeLog<unknown>, changeId: string): Promise<WrittenTopics | undefined> {
    const { size } = log
    if (this.#messages >= this.#maxMessages) {
      this.#meter.add('kt_stream_instants_skipped_total', size)
      return Promise.resolve(undefined)
    }
    this.#messages += size
    return new Promise((settle) => {
      this.#gathered.push({ log, changeId, size, settle })
      if (this.#timer === undefined) this.#schedule(size)
    })
  }

  #schedule(size: number): void {
    const openMs = this.#pauseEndsAtMs - performance.now()
    const pauseMs = size > maxShared ? Math.max(openMs, manyPauseMs) : openMs
    if (pauseMs > 0) this.#timer = setTimeout(() => this.#sendGathered(), pauseMs)
    else this.#sendGathered()
  }

  /** Resolves when all pending messages have been sent or have failed. Never rejects. */
  async flush(): Promise<void> {
    this.#sendGathered()
    await Promise.all(this.#underWay)
  }

  #sendGathered(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const gathered = this.#gathered
    if (gathered.length === 0) return
    this.#gathered = []
    const pauseMs = Math.min(longestPauseMs, gathered.length * pausePerMessageMs)
    this.#pauseEndsAtMs = performance.now() + pauseMs
    let small: Waiting[] = []
    for (const waiting of gathered) {
      if (waiting.size <= maxShared) small.push(waiting)
      else {
        this.#start(small)
        this.#start([waiting])
        small = []
      }
    }
    this.#start(small)
  }

  #start(all: readonly Waiting[]): void {
    if (all.length === 0) return
    const sending = this.#trySend(all).finally(() => {
      for (const { size } of all) this.#messages -= size
      this.#underWay.delete(sending)
    })
    this.#underWay.add(sending)
  }

  async #trySend(all: readonly Waiting[]): Promise<void> {
    const [first] = all
    const written = new Map<string, WrittenRanges>()
    const onWritten = (topic: string, ranges: WrittenRanges): void =>
      void written.set(topic, united(written.get(topic), ranges))
    try {
      if (all.length === 1 && first !== undefined) await this.#sender.sendInstants(first, onWritten)
      else await this.#sender.sendInstantsTogether(all, onWritten)
      for (const { settle } of all) settle(written)
    } catch (error) {
      // A message that Kafka refuses for good must not fail the others of its call.
      if (all.length > 1 && KtError.isInstance(error) && !error.retryable) {
        await Promise.all(all.map((each) => this.#trySend([each])))
        return
      }
      for (const { settle } of all) settle(undefined)
      this.#meter.add('kt_stream_instant_failures_total', all.length)
      this.#logger.warn(
        'Instant messages could not be sent; the index is updated later, from the delay messages',
        errorFields(error),
      )
    }
  }
}
