import { errorFields, KtError } from '@kt/core'
import type { Logger, Meter } from '@kt/core'
import type { ChangeLog } from '../changes/change-log.ts'
import type { LoggedChanges, MessageSender } from './message-sender.ts'

/** For each message that was sent, the next ones gather for so long, at most `longestPauseMs`. */
const pausePerMessageMs = 4
const longestPauseMs = 20

/**
 * Making many messages holds up what the process does next, which after COMMIT is often to make the next statement, of
 * as many rows. After so long, more than a round trip, the database is likely to be at work on that.
 */
const manyPauseMs = 3

/** The transactions that gather share a call of the producer, unless one has changed more than this. */
const maxShared = 100

export interface InstantSenderOptions {
  readonly sender: MessageSender
  readonly logger: Logger
  readonly meter: Meter
  /** How many messages may be unacknowledged before further transactions send none. */
  readonly maxMessages: number
}

/** What one transaction has changed, on its way out. */
interface Waiting extends LoggedChanges {
  readonly size: number
}

/**
 * Sends instant messages without anybody waiting for them. What fails is left to the delay messages.
 *
 * One that comes alone goes at once. The more there are, the longer the next ones gather, so that they share requests:
 * a request costs the process, and the broker, as much as dozens of messages.
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

  send(log: ChangeLog<unknown>, changeId: string): void {
    const { size } = log
    if (this.#messages >= this.#maxMessages) return this.#meter.add('kt_stream_instants_skipped_total', size)
    this.#messages += size
    this.#gathered.push({ log, changeId, size })
    if (this.#timer !== undefined) return
    const openMs = this.#pauseEndsAtMs - performance.now()
    const pauseMs = size > maxShared ? Math.max(openMs, manyPauseMs) : openMs
    if (pauseMs > 0) this.#timer = setTimeout(() => this.#sendGathered(), pauseMs)
    else this.#sendGathered()
  }

  /** Resolves when all that are under way have been sent, or given up. Never rejects. */
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
    try {
      if (all.length === 1 && first !== undefined) await this.#sender.sendInstants(first)
      else await this.#sender.sendInstantsTogether(all)
    } catch (error) {
      // One that is refused for good must not take along those that only shared its call.
      if (all.length > 1 && KtError.isInstance(error) && !error.retryable) {
        await Promise.all(all.map((each) => this.#trySend([each])))
        return
      }
      this.#meter.add('kt_stream_instant_failures_total', all.length)
      this.#logger.warn(
        'Instant messages were not sent; the delay messages stand in for them',
        errorFields(error),
      )
    }
  }
}
