import { errorFields } from '@kt/core'
import { quietRequestQueues } from '@kt/core/internal'
// Use the default export, because kafkajs as an ES module lacks some named exports.
import kafkajs from 'kafkajs'
import type { Message, Producer as KafkaProducer } from 'kafkajs'
import { loadRequestQueue } from './kafkajs/load-request-queue.ts'
import type { ResolvedProducerOptions } from './options.ts'
import { isTlsError } from './produce-error.ts'

/** Of an answer in an old format: above every offset, so that nobody who waits for it resolves too early. */
export const unknownOffset: bigint = 2n ** 52n

/** A kafkajs producer, from connecting to disconnecting. */
export class KafkaClient {
  /** Its metadata are no older than this. */
  readonly openedAtMs: number = performance.now()
  readonly #options: ResolvedProducerOptions
  readonly #producer: KafkaProducer
  readonly #connected: Promise<void>
  readonly #underWay = new Set<Promise<unknown>>()
  #isConnected = false
  #isRetired = false

  constructor(options: ResolvedProducerOptions) {
    this.#options = options
    if (options.mendIdlePolling) void quietRequestQueues(loadRequestQueue, options.logger)
    this.#producer = options.kafka.producer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: options.allowAutoTopicCreation,
      // The lanes retry, because they know which message is at fault and which callers have stopped waiting.
      retry: { retries: 0 },
    })
    this.#connected = this.#track(this.#connect())
  }

  get isConnected(): boolean {
    return this.#isConnected
  }

  get isRetired(): boolean {
    return this.#isRetired
  }

  /**
   * Resolves with the partitions that have acknowledged, and the offset of the first message in each of them. Rejects
   * with kafkajs's error.
   */
  send(topic: string, messages: Message[]): Promise<ReadonlyMap<number, bigint>> {
    return this.#track(this.#send(topic, messages))
  }

  /** Disconnects once all pending work has ended. kafkajs would otherwise continue its work, and connect again. */
  async retire(): Promise<void> {
    if (this.#isRetired) return
    this.#isRetired = true
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay)
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
      // Log it here, because kafkajs retries for longer than any caller waits.
      if (isTlsError(error))
        this.#options.logger.error(
          'No TLS connection to Kafka: check the option ssl of Kafka',
          errorFields(error),
        )
      throw error
    }
  }

  async #send(topic: string, messages: Message[]): Promise<ReadonlyMap<number, bigint>> {
    await this.#connected
    const records = await this.#producer.sendBatch({
      acks: -1,
      timeout: this.#options.timeoutMs,
      topicMessages: [{ topic, messages }],
    })
    return new Map(
      records.map(({ partition, baseOffset }) => [
        partition,
        baseOffset === undefined ? unknownOffset : BigInt(baseOffset),
      ]),
    )
  }

  #track<T>(work: Promise<T>): Promise<T> {
    const forget = (): void => void this.#underWay.delete(work)
    this.#underWay.add(work)
    void work.then(forget, forget)
    return work
  }
}
