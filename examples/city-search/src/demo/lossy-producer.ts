import { AsyncLocalStorage } from 'node:async_hooks'
import type { MessageBatch, MessageProducer, ProduceOptions } from '@kt/core'

/**
 * A producer that can be told to lose instant messages, as if the process had died right after the commit. It is here
 * so that one can watch the safety net catch such a write; an application has no use for it.
 */
export class LossyProducer implements MessageProducer {
  readonly #producer: MessageProducer
  readonly #delayTopic: string
  readonly #losing = new AsyncLocalStorage<true>()

  constructor(producer: MessageProducer, delayTopic: string) {
    this.#producer = producer
    this.#delayTopic = delayTopic
  }

  /** Runs `write`; what it, and whatever it starts, sends to any other topic than the delay topic gets lost. */
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
