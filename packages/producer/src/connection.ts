import type { KeyPartitioner } from '@kt/core'
import { errorFields } from '@kt/core'
import { within } from '@kt/core/internal'
import { KafkaClient } from './kafka-client.ts'
import { KeyPartitioners } from './key-partitioners.ts'
import type { ResolvedProducerOptions } from './options.ts'
import { kafkaMessage } from './outgoing-message.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { isAuthenticationError, kafkaErrorType, timeoutError } from './produce-error.ts'

/** The outcome of a request. */
export interface Receipt {
  /** The partitions that have acknowledged the request, and the offset of its first message in each of them. */
  readonly acknowledged: ReadonlyMap<number, bigint>
  /** The metadata used to choose partitions are no older than this. */
  readonly metadataSinceMs: number
}

/**
 * Connects to Kafka on first use, and replaces its client whenever that may be stuck. On a black-holed connection
 * kafkajs waits for up to three minutes regardless of its options, and later messages must not wait behind it.
 *
 * A kafkajs client requests the metadata of all its topics at once, and a single missing topic fails the request. So
 * each topic starts on its own client, and moves to the shared client after its first successful message.
 */
export class Connection {
  readonly #options: ResolvedProducerOptions
  readonly #keyPartitioners: KeyPartitioners
  readonly #knownTopics = new Set<string>()
  readonly #retiring = new Set<Promise<void>>()
  #shared: KafkaClient | undefined
  #isAway = false
  #closed = false

  constructor(options: ResolvedProducerOptions) {
    this.#options = options
    this.#keyPartitioners = new KeyPartitioners(options)
  }

  /** Rejects with kafkajs's error, or with a `TimeoutError` after `limitMs`. */
  async send(topic: string, messages: readonly OutgoingMessage[], limitMs: number): Promise<Receipt> {
    const client = this.#knownTopics.has(topic) ? this.#sharedClient() : new KafkaClient(this.#options)
    try {
      const acknowledged = await within(limitMs, client.send(topic, messages.map(kafkaMessage)), () =>
        timeoutError(
          client.isConnected ? 'Kafka did not answer a request' : 'No connection to Kafka could be made',
          limitMs,
        ),
      )
      this.#isAway = false
      this.#knownTopics.add(topic)
      if (!client.isRetired && !this.#closed) this.#shared ??= client
      if (client !== this.#shared) this.#retire(client)
      return { acknowledged, metadataSinceMs: client.openedAtMs }
    } catch (error) {
      this.#onFailure(client, topic, error)
      throw error
    }
  }

  keyPartitioner(topic: string): Promise<KeyPartitioner> {
    return this.#keyPartitioners.of(topic)
  }

  /** Makes the next request reload all metadata, because those of `topic` have changed. */
  refresh(topic: string): void {
    this.#keyPartitioners.forget(topic)
    this.#retireShared()
  }

  /** Disconnects, waiting no longer than `limitMs`. */
  async close(limitMs: number): Promise<void> {
    this.#closed = true
    this.#retireShared()
    try {
      await within(limitMs, Promise.all(this.#retiring), () => timeoutError('Kafka did not answer', limitMs))
    } catch (error) {
      this.#options.logger.warn('Not all connections to Kafka were closed cleanly', errorFields(error))
    }
  }

  #sharedClient(): KafkaClient {
    return (this.#shared ??= new KafkaClient(this.#options))
  }

  #onFailure(client: KafkaClient, topic: string, error: unknown): void {
    const type = kafkaErrorType(error)
    const isTopicUnknown = type === 'UNKNOWN_TOPIC_OR_PARTITION'
    // Any topic of the shared client may be the missing one. Each topic is checked again when it fails.
    if (isTopicUnknown) this.#knownTopics.delete(topic)
    if (client !== this.#shared || type === undefined || isTopicUnknown) this.#retire(client)
    if (type === undefined) this.#reportReplaced(client, error)
  }

  #reportReplaced(client: KafkaClient, error: unknown): void {
    const { logger, meter } = this.#options
    const fields = { ...errorFields(error), connected: client.isConnected }
    if (isAuthenticationError(error))
      logger.error('Kafka refuses the credentials: check the option sasl of Kafka', fields)
    // Log one warning per outage.
    else logger[this.#isAway ? 'debug' : 'warn']('The connection to Kafka has failed and is replaced', fields)
    meter.add('kt_producer_reconnects_total', 1)
    this.#isAway = true
  }

  #retireShared(): void {
    if (this.#shared !== undefined) this.#retire(this.#shared)
  }

  #retire(client: KafkaClient): void {
    if (this.#shared === client) this.#shared = undefined
    const retired = client.retire().finally(() => this.#retiring.delete(retired))
    this.#retiring.add(retired)
  }
}
