import { createRequire } from 'node:module'
import { errorFields, quietRequestQueues } from '@kt/core'
import type { Producer as KafkaProducer } from 'kafkajs'
import type { ResolvedProducerOptions } from './options.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { partitioner } from './partitioner.ts'
import { isTlsError } from './produce-error.ts'
import { RequestMessages } from './request-messages.ts'
import type { KnownEncoder } from './request-messages.ts'

/** One kafkajs producer from its connecting to its end. */
export class KafkaClient {
  /** No metadata that it works with is older. */
  readonly openedAtMs: number = performance.now()
  readonly #options: ResolvedProducerOptions
  readonly #producer: KafkaProducer
  readonly #connected: Promise<void>
  readonly #busy = new Set<Promise<unknown>>()
  readonly #encoder: KnownEncoder = {}
  #isConnected = false
  #isRetired = false

  constructor(options: ResolvedProducerOptions) {
    this.#options = options
    quietRequestQueues(createRequire(import.meta.url))
    this.#producer = options.kafka.producer({
      createPartitioner: partitioner,
      allowAutoTopicCreation: options.allowAutoTopicCreation,
      // The lanes retry: they can tell whose message is at fault, and when its caller has stopped waiting.
      retry: { retries: 0 },
    })
    this.#connected = this.#track(this.#connect())
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  /** Resolves with the partitions that were acknowledged, or rejects with kafkajs's error. */
  send(topic: string, messages: OutgoingMessage[]): Promise<ReadonlySet<number>> {
    return this.#track(this.#send(topic, messages))
  }

  /**
   * Disconnects when everything under way has come to an end. Not before: kafkajs goes on with what it has begun, and
   * would connect again.
   */
  async retire(): Promise<void> {
    if (this.#isRetired) return
    this.#isRetired = true
    while (this.#busy.size > 0) await Promise.allSettled(this.#busy)
    try {
      await this.#producer.disconnect()
    } catch (error) {
      this.#options.logger.debug('A Kafka producer did not disconnect cleanly', errorFields(error))
    }
  }

  async #connect(): Promise<void> {
    try {
      await this.#producer.connect()
      this.#isConnected = true
    } catch (error) {
      // kafkajs tries for longer than anybody waits for it, so that nobody else would tell of this.
      if (isTlsError(error))
        this.#options.logger.error('No TLS with Kafka: check the option ssl of Kafka', errorFields(error))
      throw error
    }
  }

  async #send(topic: string, messages: OutgoingMessage[]): Promise<ReadonlySet<number>> {
    await this.#connected
    const records = await this.#producer.sendBatch({
      acks: -1,
      timeout: this.#options.timeoutMs,
      topicMessages: [{ topic, messages: RequestMessages.holding(messages, this.#encoder) }],
    })
    return new Set(records.map(({ partition }) => partition))
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const forget = (): void => void this.#busy.delete(work)
    this.#busy.add(work)
    void work.then(forget, forget)
    return work
  }
}
