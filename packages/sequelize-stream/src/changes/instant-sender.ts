import { errorFields } from '@kt/core'
import type { Logger, Meter } from '@kt/core'
import type { ChangeLog } from './change-log.ts'
import type { MessageSender } from './message-sender.ts'

/** For each message that was sent, the next ones gather for so long, at most `longestPauseMs`. */
const pausePerMessageMs = 4
const longestPauseMs = 20

export interface InstantSenderOptions {
  readonly sender: MessageSender
  readonly logger: Logger
  readonly meter: Meter
  /** How many messages may be unacknowledged before further transactions send none. */
  readonly maxMessages: number
}

/** What one transaction has changed, on its way out. */
interface Instant {
  readonly log: ChangeLog<unknown>
  readonly changeId: string
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
  #gathered: Instant[] = []
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
    const pauseMs = this.#pauseEndsAtMs - performance.now()
    if (pauseMs <= 0) this.#sendGathered()
    else this.#timer = setTimeout(() => this.#sendGathered(), pauseMs)
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
    for (const instant of gathered) this.#start(instant)
  }

  #start(instant: Instant): void {
    const sending = this.#trySend(instant).finally(() => {
      this.#messages -= instant.size
      this.#underWay.delete(sending)
    })
    this.#underWay.add(sending)
  }

  async #trySend({ log, changeId }: Instant): Promise<void> {
    try {
      await this.#sender.sendInstants(log, changeId)
    } catch (error) {
      this.#meter.add('kt_stream_instant_failures_total', 1)
      this.#logger.warn(
        'Instant messages were not sent; the delay messages stand in for them',
        errorFields(error),
      )
    }
  }
}
