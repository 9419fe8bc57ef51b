import { AsyncLocalStorage } from 'node:async_hooks'
import { headerNames } from '@kt/core'
import type { BatchOptions, MessageBatch, MessageProducer, ProduceOptions } from '@kt/core'

/** What became of the messages of a write. It changes until the write's instant messages have been dropped. */
export interface Loss {
  /** When its first delay message was sent, on the clock of `performance.now()`. Undefined if it sent none. */
  readonly delaySentAtMs?: number
  readonly isInstantLost: boolean
}

interface Losing {
  delaySentAtMs?: number
  isInstantLost: boolean
}

/** Number of change ids that are kept. Instant messages follow within milliseconds. */
const remembered = 1_000

/**
 * A producer that can lose instant messages on purpose, as if the process had died right after the commit. It shows
 * how the safety net catches such a write. An application does not need it.
 */
export class LossyProducer implements MessageProducer {
  readonly #producer: MessageProducer
  readonly #delayTopic: string
  readonly #losing = new AsyncLocalStorage<Losing>()
  /**
   * The writes whose instant messages are dropped, by the change ids of their delay messages. The ids identify the
   * instant messages, which may be sent later and in one batch with those of other writes.
   */
  readonly #byChangeId = new Map<string, Losing>()

  constructor(producer: MessageProducer, delayTopic: string) {
    this.#producer = producer
    this.#delayTopic = delayTopic
  }

  /** Runs `write`, and drops the messages of its changes, except those for the delay topic. */
  async losingInstantMessages<T>(
    write: () => Promise<T>,
  ): Promise<{ readonly result: T; readonly loss: Loss }> {
    const loss: Losing = { isInstantLost: false }
    return { result: await this.#losing.run(loss, write), loss }
  }

  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    if (this.#isLost(options)) return
    await this.#producer.produce(value, options)
  }

  batch<T>(fill: (batch: MessageBatch) => T | Promise<T>, options?: BatchOptions): Promise<T> {
    return this.#producer.batch(
      (batch) =>
        fill({
          produce: (value, options) => {
            if (!this.#isLost(options)) batch.produce(value, options)
          },
        }),
      options,
    )
  }

  #isLost({ topic, headers }: ProduceOptions): boolean {
    const changeId = headers?.[headerNames.changeId]
    if (changeId === undefined) return false
    if (topic === this.#delayTopic) {
      this.#remember(changeId)
      return false
    }
    const loss = this.#byChangeId.get(changeId)
    if (loss !== undefined) loss.isInstantLost = true
    return loss !== undefined
  }

  #remember(changeId: string): void {
    const loss = this.#losing.getStore()
    if (loss === undefined) return
    loss.delaySentAtMs ??= performance.now()
    this.#byChangeId.set(changeId, loss)
    const [oldest] = this.#byChangeId.keys()
    if (this.#byChangeId.size > remembered && oldest !== undefined) this.#byChangeId.delete(oldest)
  }
}
