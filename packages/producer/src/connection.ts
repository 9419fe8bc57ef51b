import { errorFields } from '@kt/core'
import { KafkaClient } from './kafka-client.ts'
import type { ResolvedProducerOptions } from './options.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { kafkaErrorType } from './produce-error.ts'
import { within } from './within.ts'

/** What Kafka did with a request. */
export interface Receipt {
  readonly acknowledged: ReadonlySet<number>
  /** Age of the oldest metadata that may have been used. */
  readonly metadataSinceMs: number
}

/**
 * The way to Kafka: connects at the first use, and replaces its kafkajs producer whenever that may be stuck. In a black
 * hole kafkajs waits for up to three minutes, whatever it is told; what is sent next must not wait behind it.
 */
export class Connection {
  readonly #options: ResolvedProducerOptions
  readonly #retiring = new Set<Promise<void>>()
  #client: KafkaClient | undefined
  #isAway = false

  constructor(options: ResolvedProducerOptions) {
    this.#options = options
  }

  /** Rejects with kafkajs's error, or with a `TimeoutError` after `limitMs`. */
  async send(topic: string, messages: OutgoingMessage[], limitMs: number): Promise<Receipt> {
    const client = (this.#client ??= new KafkaClient(this.#options))
    try {
      const acknowledged = await within(limitMs, client.send(topic, messages), () =>
        client.isConnected ? 'Kafka did not answer a request' : 'No connection to Kafka came about',
      )
      this.#isAway = false
      return { acknowledged, metadataSinceMs: client.openedAtMs }
    } catch (error) {
      const type = kafkaErrorType(error)
      // Without a broker's answer the connection is in doubt. And kafkajs asks for the metadata of all its topics at
      // once: if one of them was deleted it can't send to any of them, until it is made anew.
      const doubtful = type === undefined || (type === 'UNKNOWN_TOPIC_OR_PARTITION' && client.knows(topic))
      if (doubtful) this.#replace(client, error)
      throw error
    }
  }

  /** Loads all metadata afresh before the next request. */
  refresh(): void {
    if (this.#client !== undefined) this.#retire(this.#client)
  }

  /** Disconnects, and waits for that no longer than `limitMs`. */
  async close(limitMs: number): Promise<void> {
    this.refresh()
    try {
      await within(limitMs, Promise.all(this.#retiring), () => 'Kafka did not answer')
    } catch (error) {
      this.#options.logger.warn('Closed without a clean end of all connections to Kafka', errorFields(error))
    }
  }

  #replace(client: KafkaClient, error: unknown): void {
    if (this.#client !== client) return
    // Once per outage is enough of a warning.
    this.#options.logger[this.#isAway ? 'debug' : 'warn'](
      'The connection to Kafka is replaced',
      errorFields(error),
    )
    this.#isAway = true
    this.#options.meter.add('kt_producer_reconnects_total', 1)
    this.#retire(client)
  }

  #retire(client: KafkaClient): void {
    if (this.#client === client) this.#client = undefined
    const retired = client.retire().finally(() => this.#retiring.delete(retired))
    this.#retiring.add(retired)
  }
}
