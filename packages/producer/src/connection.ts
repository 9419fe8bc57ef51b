import { errorFields } from '@kt/core'
import { KafkaClient } from './kafka-client.ts'
import type { ResolvedProducerOptions } from './options.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { isAuthenticationError, kafkaErrorType } from './produce-error.ts'
import { within } from './within.ts'

/** What Kafka did with a request. */
export interface Receipt {
  /** The partitions that have acknowledged. */
  readonly acknowledged: ReadonlySet<number>
  /** The metadata by which partitions were chosen are no older than this. */
  readonly metadataSinceMs: number
}

/**
 * The way to Kafka: connects at the first use, and replaces its client whenever that may be stuck. In a black hole
 * kafkajs waits for up to three minutes, whatever it is told; what is sent next must not wait behind it.
 *
 * A kafkajs client asks for the metadata of all its topics at once, and one that doesn't exist fails them all. So a
 * topic comes to the shared client only when a client of its own has brought something to it.
 */
export class Connection {
  readonly #options: ResolvedProducerOptions
  readonly #knownTopics = new Set<string>()
  readonly #retiring = new Set<Promise<void>>()
  #shared: KafkaClient | undefined
  #isAway = false

  constructor(options: ResolvedProducerOptions) {
    this.#options = options
  }

  /** Rejects with kafkajs's error, or with a `TimeoutError` after `limitMs`. */
  async send(topic: string, messages: OutgoingMessage[], limitMs: number): Promise<Receipt> {
    const client = this.#knownTopics.has(topic) ? this.#sharedClient() : new KafkaClient(this.#options)
    try {
      const acknowledged = await within(limitMs, client.send(topic, messages), () =>
        client.isConnected ? 'Kafka did not answer a request' : 'No connection to Kafka came about',
      )
      this.#isAway = false
      this.#knownTopics.add(topic)
      this.#shared ??= client
      if (client !== this.#shared) this.#retire(client)
      return { acknowledged, metadataSinceMs: client.openedAtMs }
    } catch (error) {
      this.#doubt(client, topic, error)
      throw error
    }
  }

  /** Loads all metadata afresh before the next request. */
  refresh(): void {
    if (this.#shared !== undefined) this.#retire(this.#shared)
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

  #sharedClient(): KafkaClient {
    return (this.#shared ??= new KafkaClient(this.#options))
  }

  #doubt(client: KafkaClient, topic: string, error: unknown): void {
    const type = kafkaErrorType(error)
    // Which of its topics does not exist any more, the client doesn't tell: each has to prove itself again.
    if (type === 'UNKNOWN_TOPIC_OR_PARTITION') this.#knownTopics.delete(topic)
    const answered = type !== undefined && type !== 'UNKNOWN_TOPIC_OR_PARTITION'
    if (client !== this.#shared || !answered) this.#retire(client)
    if (type !== undefined) return
    const { logger, meter } = this.#options
    // Once per outage is enough of a warning.
    const fields = { ...errorFields(error), connected: client.isConnected }
    if (isAuthenticationError(error))
      logger.error('Kafka refuses the credentials: check the option sasl of Kafka', fields)
    else logger[this.#isAway ? 'debug' : 'warn']('The connection to Kafka is replaced', fields)
    meter.add('kt_producer_reconnects_total', 1)
    this.#isAway = true
  }

  #retire(client: KafkaClient): void {
    if (this.#shared === client) this.#shared = undefined
    const retired = client.retire().finally(() => this.#retiring.delete(retired))
    this.#retiring.add(retired)
  }
}
