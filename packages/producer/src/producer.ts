import { KtError } from '@kt/core'
import type { MessageBatch, MessageProducer, ProduceOptions } from '@kt/core'
import { Connection } from './connection.ts'
import { Deadlines } from './deadlines.ts'
import { resolveProducerOptions } from './options.ts'
import type { ProducerOptions, ResolvedProducerOptions } from './options.ts'
import { OutgoingMessage, checkMessage } from './outgoing-message.ts'
import { PendingCall } from './pending-call.ts'
import { closed } from './produce-error.ts'
import { TopicLane } from './topic-lane.ts'

/**
 * Puts messages into Kafka. It connects at the first call. Concurrent calls share requests, each waits for the
 * acknowledgement of all replicas (`acks=all`), and none for longer than `timeoutMs`; when Kafka is back the next call
 * works.
 *
 * Messages of one topic and partition arrive in the order of the calls. A message may arrive twice, a late copy even
 * after newer messages, when an acknowledgement was lost: kafkajs's idempotent producer would prevent it only until
 * its first time-out, and then stall for ever.
 */
export class Producer implements MessageProducer, AsyncDisposable {
  readonly #options: ResolvedProducerOptions
  readonly #connection: Connection
  readonly #deadlines: Deadlines
  readonly #lanes = new Map<string, TopicLane>()
  #closing: Promise<void> | undefined

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(options: ProducerOptions) {
    this.#options = resolveProducerOptions(options)
    this.#connection = new Connection(this.#options)
    this.#deadlines = new Deadlines(this.#options.timeoutMs, (call) => this.#lane(call.topic).expire(call))
  }

  /**
   * Resolves when all replicas have the message.
   *
   * @throws KtError `KT_PRODUCE_TIMEOUT` or `KT_PRODUCE_FAILED`, with kafkajs's error as its cause and `retryable` when
   *   the call may work later; `KT_PARTITION_UNKNOWN`, `KT_OPTION_INVALID`, `KT_CLOSED`.
   */
  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    checkMessage(value, options)
    if (this.#closing !== undefined) throw closed()
    const call = new PendingCall(options.topic)
    call.expectOneMore()
    this.#start(call, [new OutgoingMessage(value, options, call)])
    await call.promise
  }

  /**
   * Sends all that `fill` adds once it has returned; resolves with what it returned when all replicas have all of it.
   * When `fill` throws, nothing is sent. Not atomic: on an error some messages may be there.
   *
   * @throws KtError as `produce`.
   */
  async batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed()
    const calls = new Map<string, { call: PendingCall; messages: OutgoingMessage[] }>()
    let sent = false
    const produce = (value: string | Uint8Array | null, options: ProduceOptions): void => {
      checkMessage(value, options)
      if (sent) throw new KtError('KT_CLOSED', 'The batch was sent already', { retryable: false })
      let entry = calls.get(options.topic)
      if (entry === undefined)
        calls.set(options.topic, (entry = { call: new PendingCall(options.topic), messages: [] }))
      entry.call.expectOneMore()
      entry.messages.push(new OutgoingMessage(value, options, entry.call))
    }
    const result = await fill({ produce })
    sent = true
    if (this.#closed) throw closed()
    for (const { call, messages } of calls.values()) this.#start(call, messages)
    await Promise.all(Array.from(calls.values(), ({ call }) => call.promise))
    return result
  }

  /**
   * Sends what is pending, then disconnects. Calls from now on reject with `KT_CLOSED`. Idempotent; never rejects, and
   * gives up on a Kafka that is away after at most twice `timeoutMs`.
   */
  async close(): Promise<void> {
    this.#closing ??= this.#close()
    await this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  get #closed(): boolean {
    return this.#closing !== undefined
  }

  #start(call: PendingCall, messages: readonly OutgoingMessage[]): void {
    call.startedAtMs = performance.now()
    this.#deadlines.start(call)
    this.#lane(call.topic).add(messages)
  }

  #lane(topic: string): TopicLane {
    const existing = this.#lanes.get(topic)
    if (existing !== undefined) return existing
    const lane = new TopicLane(topic, this.#options, this.#connection, this.#deadlines, () =>
      this.#lanes.delete(topic),
    )
    this.#lanes.set(topic, lane)
    return lane
  }

  async #close(): Promise<void> {
    await Promise.allSettled(Array.from(this.#deadlines.open(), ({ promise }) => promise))
    await this.#connection.close(this.#options.timeoutMs)
  }
}
