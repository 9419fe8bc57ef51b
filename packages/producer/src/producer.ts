import { KtError } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { BatchOptions, MessageBatch, MessageProducer, ProduceOptions, WrittenRanges } from '@kt/core'
import { Connection } from './connection.ts'
import { resolveProducerOptions } from './options.ts'
import type { ProducerOptions, ResolvedProducerOptions } from './options.ts'
import { ensureTopic } from './ensure-topic.ts'
import { outgoingMessage } from './outgoing-message.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { closed } from './produce-error.ts'
import { TopicLane } from './topic-lane.ts'

/**
 * Sends messages to Kafka. Connects at the first call. Concurrent calls share requests. Each call waits for the
 * acknowledgement of all in-sync replicas (`acks=all`), but no longer than `timeoutMs` after the last acknowledgement
 * for its topic. When Kafka is back, the next call works.
 *
 * Messages of one topic and partition arrive in the order of the calls. If an acknowledgement is lost, a message may
 * arrive twice, and the late copy may even follow newer messages. kafkajs's idempotent producer would prevent that only
 * until its first time-out, and then hang for ever.
 */
export class Producer implements MessageProducer, AsyncDisposable {
  readonly #options: ResolvedProducerOptions
  readonly #connection: Connection
  readonly #lanes = new Map<string, TopicLane>()
  readonly #open = new Set<Promise<unknown>>()
  #closing: Promise<void> | undefined

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(options: ProducerOptions) {
    this.#options = resolveProducerOptions(options)
    this.#connection = new Connection(this.#options)
  }

  /**
   * Sends a message. Resolves when all in-sync replicas have it.
   *
   * @throws KtError `KT_PRODUCE_TIMEOUT` or `KT_PRODUCE_FAILED`, with kafkajs's error as its cause, and `retryable` if
   *   the call may work later; `KT_PARTITION_UNKNOWN`, `KT_OPTION_INVALID`, `KT_CLOSED`
   */
  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    const message = outgoingMessage(value, options)
    this.#refuseWhenClosed()
    await this.#send(options.topic, [message])
  }

  /**
   * Sends all messages that `fill` adds, once it has returned. Resolves with the result of `fill` when all in-sync
   * replicas have all of them. If `fill` throws, nothing is sent. Not atomic: after an error, some messages may have
   * been sent.
   *
   * @throws KtError as `produce`
   */
  async batch<T>(
    fill: (batch: MessageBatch) => T | Promise<T>,
    { onWritten }: BatchOptions = {},
  ): Promise<T> {
    this.#refuseWhenClosed()
    const messages = new Map<string, OutgoingMessage[]>()
    let sent = false
    const produce = (value: string | Uint8Array | null, options: ProduceOptions): void => {
      const message = outgoingMessage(value, options)
      if (sent)
        throw new KtError(
          'KT_CLOSED',
          'The batch has already been sent. Call produce before the function of batch returns',
          { retryable: false },
        )
      const sameTopic = messages.get(options.topic)
      if (sameTopic === undefined) messages.set(options.topic, [message])
      else sameTopic.push(message)
    }
    const result = await fill({ produce })
    sent = true
    this.#refuseWhenClosed()
    await Promise.all(
      Array.from(messages, ([topic, each]) =>
        this.#send(topic, each, onWritten && ((ranges) => onWritten(topic, ranges))),
      ),
    )
    return result
  }

  /**
   * Resolves with a function that maps a message key to a partition of `topic`. The number of partitions is looked up
   * in Kafka, within `timeoutMs`, and cached for five minutes. The answer may differ for as long after partitions were
   * added.
   *
   * @throws KtError `KT_PRODUCE_TIMEOUT` or `KT_PRODUCE_FAILED` when Kafka is away or has no such topic, `retryable` if
   *   it may work later; `KT_OPTION_INVALID`, `KT_CLOSED`
   */
  async keyPartitioner(topic: string): Promise<(key: string) => number> {
    const check = optionChecker('Producer.keyPartitioner')
    check.string('topic', topic)
    check.port('kafka', this.#options.kafka, ['admin'])
    this.#refuseWhenClosed()
    return this.#untilSettled(this.#connection.keyPartitioner(topic))
  }

  /**
   * Resolves when the topic exists. Creates it with the brokers' defaults, unless `allowAutoTopicCreation` is false.
   *
   * @throws KtError `KT_PRODUCE_TIMEOUT` or `KT_PRODUCE_FAILED` when it is missing and can't be created, or Kafka is
   *   away; `KT_OPTION_INVALID`, `KT_CLOSED`
   */
  async ensureTopic(topic: string): Promise<void> {
    const check = optionChecker('Producer.ensureTopic')
    check.string('topic', topic)
    check.port('kafka', this.#options.kafka, ['admin'])
    this.#refuseWhenClosed()
    return this.#untilSettled(ensureTopic(topic, this.#options))
  }

  /**
   * Sends pending messages, then disconnects. Later calls reject with `KT_CLOSED`. Gives up after at most twice
   * `timeoutMs` when Kafka is away. Idempotent; never rejects.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #refuseWhenClosed(): void {
    if (this.#closing !== undefined) throw closed()
  }

  #send(
    topic: string,
    messages: readonly OutgoingMessage[],
    onWritten?: (ranges: WrittenRanges) => void,
  ): Promise<void> {
    let lane = this.#lanes.get(topic)
    if (lane === undefined)
      this.#lanes.set(topic, (lane = new TopicLane(topic, this.#options, this.#connection)))
    return this.#untilSettled(lane.send(messages, onWritten))
  }

  /** Makes `close` wait for the call. */
  #untilSettled<T>(call: Promise<T>): Promise<T> {
    const forget = (): void => void this.#open.delete(call)
    this.#open.add(call)
    call.then(forget, forget)
    return call
  }

  async #close(): Promise<void> {
    await Promise.allSettled(this.#open)
    await this.#connection.close(this.#options.timeoutMs)
  }
}
