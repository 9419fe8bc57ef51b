import { errorFields } from '@kt/core'
import type { Logger, Meter } from '@kt/core'
import type { ChangeLog } from './change-log.ts'
import type { MessageSender } from './message-sender.ts'

export interface InstantSenderOptions {
  readonly sender: MessageSender
  readonly logger: Logger
  readonly meter: Meter
  /** How many messages may be unacknowledged before further transactions send none. */
  readonly maxMessages: number
}

/** Sends instant messages without anybody waiting for them. What fails is left to the delay messages. */
export class InstantSender {
  readonly #sender: MessageSender
  readonly #logger: Logger
  readonly #meter: Meter
  readonly #maxMessages: number
  readonly #underWay = new Set<Promise<void>>()
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
    const sending = this.#trySend(log, changeId).finally(() => {
      this.#messages -= size
      this.#underWay.delete(sending)
    })
    this.#underWay.add(sending)
  }

  /** Resolves when all that are under way have been sent, or given up. Never rejects. */
  async flush(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #trySend(log: ChangeLog<unknown>, changeId: string): Promise<void> {
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
