import { AsyncLocalStorage } from 'node:async_hooks'
import type { MessageBatch, MessageProducer, ProduceOptions } from '@kt/core'

/**
 * A producer that can lose instant messages on purpose, as if the process had died right after the commit. It shows
 * how the safety net catches such a write. An application does not need it.
 */
export class LossyProducer implements MessageProducer {
  readonly #producer: MessageProducer
  readonly #delayTopic: string
  readonly #losing = new AsyncLocalStorage<true>()

  constructor(producer: MessageProducer, delayTopic: string) {
    this.#producer = producer
    this.#delayTopic = delayTopic
  }

  /** Runs `write` and drops all messages that it causes, except those for the delay topic. */
  losingInstantMessages<T>(write: () => Promise<T>): Promise<T> {
    return this.#losing.run(true, write)
  }

  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    if (this.#isLost(options)) return
    await this.#producer.produce(value, options)
  }

  batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T> {
    return this.#producer.batch((batch) =>
      fill({
        produce: (value, options) => {
          if (!this.#isLost(options)) batch.produce(value, options)
        },
      }),
    )
  }

  #isLost({ topic }: ProduceOptions): boolean {
    return this.#losing.getStore() === true && topic !== this.#delayTopic
  }
}
