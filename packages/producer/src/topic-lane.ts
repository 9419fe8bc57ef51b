import { setImmediate } from 'node:timers/promises'
import { errorFields } from '@kt/core'
import { backoff, runningClock, sleep } from '@kt/core/internal'
import type { KtError, WrittenRanges } from '@kt/core'
import type { Backoff } from '@kt/core/internal'
import type { Connection, Receipt } from './connection.ts'
import { unknownOffset } from './kafka-client.ts'
import type { ResolvedProducerOptions } from './options.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import { PendingCall } from './pending-call.ts'
import { classify, isTimeout, partitionUnknown, refused, timedOut, unreachable } from './produce-error.ts'

/** For each message, kafkajs copies all messages of its partition once, so larger requests cost more per message. */
const maxRequestMessages = 1_000

interface QueuedMessage {
  readonly message: OutgoingMessage
  readonly call: PendingCall
}

/**
 * Sends the messages of one topic, one request at a time. The next request gathers while one is pending, so concurrent
 * calls share requests. Because no request overtakes another, a retry doesn't reorder messages.
 */
export class TopicLane {
  readonly #topic: string
  readonly #options: ResolvedProducerOptions
  readonly #connection: Connection
  readonly #delayBeforeRetryMs: Backoff
  readonly #queue: QueuedMessage[] = []
  #running = false
  /** Time of the last acknowledgement on the running clock. */
  #lastAcknowledgedAtMs = -Infinity
  /** The last error since a successful request. */
  #lastError: unknown

  constructor(topic: string, options: ResolvedProducerOptions, connection: Connection) {
    const maxMs = Math.min(1_000, options.timeoutMs / 10)
    this.#delayBeforeRetryMs = backoff({ initialMs: Math.min(50, maxMs), maxMs })
    this.#topic = topic
    this.#options = options
    this.#connection = connection
  }

  /** Resolves when all of `messages` are acknowledged; rejects with a `KtError`. */
  send(messages: readonly OutgoingMessage[], onWritten?: (ranges: WrittenRanges) => void): Promise<void> {
    const { timeoutMs } = this.#options
    const call = new PendingCall(messages.length, timeoutMs, () => this.#expire(call), onWritten)
    for (const message of messages) this.#queue.push({ message, call })
    if (!this.#running) void this.#run()
    return call.promise
  }

  async #run(): Promise<void> {
    this.#running = true
    this.#lastError = undefined
    while (this.#queue.length > 0) {
      // All messages of this turn of the event loop share the request.
      await setImmediate()
      const request = this.#take()
      try {
        await this.#deliver(request)
      } catch (error) {
        this.#failAll(request, refused(this.#topic, error, true))
      }
    }
    this.#running = false
  }

  /** Takes as many messages as fit into a request, and at least one. */
  #take(): QueuedMessage[] {
    let bytes = 0
    const end = this.#queue.findIndex(({ message }, index) => {
      bytes += message.bytes
      return index > 0 && (bytes > this.#options.maxRequestBytes || index === maxRequestMessages)
    })
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end)
  }

  /** Resolves when each message is acknowledged or its call has failed. */
  async #deliver(request: readonly QueuedMessage[]): Promise<void> {
    let remaining = request
    for (let attempt = 1; ; attempt += 1) {
      const sent = remaining.filter(({ call }) => !call.settled)
      if (sent.length === 0) return
      try {
        remaining = await this.#send(sent)
      } catch (error) {
        remaining = sent
        this.#lastError = error
        const remedy = classify(error)
        this.#options.logger.debug('A request to Kafka failed', {
          topic: this.#topic,
          remedy,
          ...errorFields(error),
        })
        if (remedy === 'split' && sent.length > 1) return this.#deliverHalves(sent)
        if (remedy === 'retry') await this.#waitBeforeRetry(error, attempt)
        else this.#failAll(sent, refused(this.#topic, error, remedy === 'refuseForNow'))
      }
    }
  }

  async #deliverHalves(messages: readonly QueuedMessage[]): Promise<void> {
    const half = Math.ceil(messages.length / 2)
    await this.#deliver(messages.slice(0, half))
    await this.#deliver(messages.slice(half))
  }

  async #waitBeforeRetry(error: unknown, attempt: number): Promise<void> {
    if (!isTimeout(error)) await sleep(this.#delayBeforeRetryMs(attempt))
  }

  /** Returns the messages to send again. */
  async #send(queued: readonly QueuedMessage[]): Promise<readonly QueuedMessage[]> {
    const { meter, timeoutMs } = this.#options
    const labels = { topic: this.#topic }
    const startedAtMs = performance.now()
    meter.add('kt_producer_requests_total', 1, labels)
    const messages = queued.map(({ message }) => message)
    // Use half the time of a call, so that each call gets a second attempt over a new connection.
    const limitMs = Math.ceil(timeoutMs / 2)
    const send = (): Promise<Receipt> => this.#connection.send(this.#topic, messages, limitMs)
    // A shared request is traced as part of the first call.
    const { acknowledged, metadataSinceMs } = await (queued[0]?.call.inContext(send) ?? send())
    meter.record('kt_producer_request_ms', performance.now() - startedAtMs, labels)
    this.#lastError = undefined
    this.#lastAcknowledgedAtMs = runningClock.now()
    // kafkajs silently drops messages for unknown partitions.
    const isDropped = ({ message: { partition } }: QueuedMessage): boolean =>
      partition !== undefined && !acknowledged.has(partition)
    const dropped = queued.filter(isDropped)
    meter.add('kt_producer_messages_total', queued.length - dropped.length, labels)
    for (const each of queued) if (!isDropped(each)) each.call.acknowledge()
    this.#reportWritten(queued, acknowledged)
    return dropped.length === 0 ? dropped : this.#recheck(dropped, metadataSinceMs)
  }

  /** Called before any caller continues, because promises settle in a later turn. */
  #reportWritten(queued: readonly QueuedMessage[], firstOffsets: ReadonlyMap<number, bigint>): void {
    const calls = new Set<PendingCall>()
    for (const { call } of queued) if (call.onWritten !== undefined) calls.add(call)
    if (calls.size === 0) return
    // kafkajs doesn't say how many of the messages went to each partition.
    const ranges = new Map(
      Array.from(firstOffsets, ([partition, from]) => [
        partition,
        // An unknown offset is above all others.
        { from: from < unknownOffset ? from : 0n, end: from + BigInt(queued.length) },
      ]),
    )
    for (const call of calls)
      try {
        call.inContext(() => call.onWritten?.(ranges))
      } catch (error) {
        // The messages are written. One caller's mistake must not fail the other calls of the request.
        this.#options.logger.error('The option "onWritten" of a batch has thrown', {
          topic: this.#topic,
          ...errorFields(error),
        })
      }
  }

  /**
   * Decides about dropped messages. A partition may be newer than kafkajs's metadata, so a message is refused only if
   * the metadata were loaded after its call began.
   */
  #recheck(dropped: readonly QueuedMessage[], metadataSinceMs: number): readonly QueuedMessage[] {
    const unsure = dropped.filter(({ call }) => call.startedAtMs > metadataSinceMs)
    if (unsure.length > 0) this.#connection.refresh(this.#topic)
    for (const { call, message } of dropped)
      if (call.startedAtMs <= metadataSinceMs)
        this.#fail(call, partitionUnknown(this.#topic, message.partition))
    return unsure
  }

  #expire(call: PendingCall): void {
    const { timeoutMs } = this.#options
    // A call that waits behind others isn't late while Kafka acknowledges them.
    const waitsSinceMs = Math.max(call.runsSinceMs, this.#lastAcknowledgedAtMs)
    const remainingMs = waitsSinceMs + timeoutMs - runningClock.now()
    if (remainingMs > 0) return call.waitAnother(Math.ceil(remainingMs))
    const toError = this.#lastError === undefined || isTimeout(this.#lastError) ? timedOut : unreachable
    this.#fail(call, toError(this.#topic, timeoutMs, this.#lastError))
  }

  #failAll(messages: readonly QueuedMessage[], error: KtError): void {
    for (const { call } of messages) this.#fail(call, error)
  }

  #fail(call: PendingCall, error: KtError): void {
    if (call.settled) return
    this.#options.meter.add('kt_producer_failures_total', 1, { topic: this.#topic, code: error.code })
    call.fail(error)
  }
}
