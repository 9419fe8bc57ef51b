import { backoff, errorFields, sleep } from '@kt/core'
import type { Backoff, KtError } from '@kt/core'
import type { Connection } from './connection.ts'
import type { Deadlines } from './deadlines.ts'
import type { ResolvedProducerOptions } from './options.ts'
import type { OutgoingMessage } from './outgoing-message.ts'
import type { PendingCall } from './pending-call.ts'
import { judge, partitionUnknown, refused, timedOut, unreachable } from './produce-error.ts'
import { untilIdle } from './until-idle.ts'

/** Enough for its cost not to matter, and few enough where kafkajs has to group them by itself: see RequestMessages. */
const maxRequestMessages = 2_000

/** The longest that a request waits for more callers to come. */
const longestGatherMs = 10

/**
 * Sends the messages of one topic, one request after the other. While one is under way the next gathers, and on while
 * the process is busy, so that concurrent calls share requests; and as no request overtakes another, a retry doesn't
 * reorder messages.
 */
export class TopicLane {
  readonly #topic: string
  readonly #options: ResolvedProducerOptions
  readonly #connection: Connection
  readonly #deadlines: Deadlines
  readonly #waitBeforeRetry: Backoff
  readonly #queue: OutgoingMessage[] = []
  readonly #onIdle: () => void
  #running = false
  /** How long Kafka took for the last request. */
  #lastRequestMs = 0
  /** What went wrong last, until something goes right. */
  #trouble: unknown

  constructor(
    topic: string,
    options: ResolvedProducerOptions,
    connection: Connection,
    deadlines: Deadlines,
    onIdle: () => void,
  ) {
    this.#onIdle = onIdle
    const maxMs = Math.min(1_000, options.timeoutMs / 10)
    this.#waitBeforeRetry = backoff({ initialMs: Math.min(50, maxMs), maxMs })
    this.#topic = topic
    this.#options = options
    this.#connection = connection
    this.#deadlines = deadlines
  }

  add(messages: readonly OutgoingMessage[]): void {
    for (const message of messages) this.#queue.push(message)
    if (!this.#running) void this.#run()
  }

  /** Ends a call that has waited for as long as it may. */
  expire(call: PendingCall): void {
    const { timeoutMs } = this.#options
    const toError = this.#trouble === undefined || isTimeout(this.#trouble) ? timedOut : unreachable
    this.#fail(call, toError(this.#topic, timeoutMs, this.#trouble))
  }

  async #run(): Promise<void> {
    this.#running = true
    // What is produced in the same tick shares the first request.
    await Promise.resolve()
    let isShared = false
    while (this.#queue.length > 0) {
      // Where several callers are at work, more of them come for as long as the process is busy with their work.
      if (isShared && this.#queue.length < maxRequestMessages)
        await untilIdle(Math.min(longestGatherMs, 2 * this.#lastRequestMs))
      const request = this.#take()
      isShared = request.some(({ call }) => call !== request[0]?.call)
      try {
        await this.#deliver(request)
      } catch (error) {
        for (const { call } of request) this.#fail(call, refused(this.#topic, error, true))
      }
    }
    this.#running = false
    this.#onIdle()
  }

  /** As many messages as fit one request, the first in any case. */
  #take(): OutgoingMessage[] {
    let bytes = 0
    const end = this.#queue.findIndex((message, index) => {
      bytes += message.bytes
      return index > 0 && (bytes > this.#options.maxRequestBytes || index === maxRequestMessages)
    })
    return this.#queue.splice(0, end === -1 ? this.#queue.length : end)
  }

  /** Returns when each message is acknowledged or its call has failed. */
  async #deliver(request: readonly OutgoingMessage[]): Promise<void> {
    let wanted = request
    for (let attempt = 1; ; attempt += 1) {
      const sent = wanted.filter(({ call }) => !call.settled)
      if (sent.length === 0) return
      try {
        wanted = await this.#send(sent)
      } catch (error) {
        wanted = sent
        this.#trouble = error
        const verdict = judge(error)
        this.#options.logger.debug('A request to Kafka failed', {
          topic: this.#topic,
          verdict,
          ...errorFields(error),
        })
        if (verdict === 'again') await this.#pause(error, attempt)
        else if (verdict === 'cut' && sent.length > 1) return await this.#deliverHalves(sent)
        else
          for (const { call } of sent)
            this.#fail(call, refused(this.#topic, error, verdict === 'refuseForNow'))
      }
    }
  }

  async #pause(error: unknown, attempt: number): Promise<void> {
    if (!isTimeout(error)) await sleep(this.#waitBeforeRetry(attempt))
  }

  async #deliverHalves(messages: readonly OutgoingMessage[]): Promise<void> {
    const half = Math.ceil(messages.length / 2)
    await this.#deliver(messages.slice(0, half))
    await this.#deliver(messages.slice(half))
  }

  /** Returns the messages to send again. */
  async #send(messages: OutgoingMessage[]): Promise<readonly OutgoingMessage[]> {
    const { meter, timeoutMs } = this.#options
    const labels = { topic: this.#topic }
    const startedAtMs = performance.now()
    meter.add('kt_producer_requests_total', 1, labels)
    // Half the time of a call, so that each has a second chance over a fresh connection.
    const { acknowledged, metadataSinceMs } = await this.#connection.send(
      this.#topic,
      messages,
      Math.ceil(timeoutMs / 2),
    )
    this.#lastRequestMs = performance.now() - startedAtMs
    meter.record('kt_producer_request_ms', this.#lastRequestMs, labels)
    this.#trouble = undefined
    const dropped = messages.filter(({ assigned }) => !acknowledged.has(assigned))
    meter.add('kt_producer_messages_total', messages.length - dropped.length, labels)
    if (dropped.length === 0) {
      this.#acknowledge(messages)
      return dropped
    }
    this.#acknowledge(messages.filter(({ assigned }) => acknowledged.has(assigned)))
    return this.#recheck(dropped, metadataSinceMs)
  }

  #acknowledge(messages: readonly OutgoingMessage[]): void {
    let previous: PendingCall | undefined
    for (const { call } of messages) {
      call.acknowledgeOne()
      if (call.settled) this.#deadlines.stop(call)
      else if (call !== previous) this.#deadlines.start(call)
      previous = call
    }
  }

  /**
   * kafkajs silently drops messages to partitions that it doesn't know. The partition may have been added since it last
   * asked: a message is only given up on the word of metadata that are younger than its call.
   */
  #recheck(dropped: readonly OutgoingMessage[], metadataSinceMs: number): readonly OutgoingMessage[] {
    const open = dropped.filter(({ call }) => call.startedAtMs > metadataSinceMs)
    for (const { call, assigned } of dropped)
      if (call.startedAtMs <= metadataSinceMs) this.#fail(call, partitionUnknown(this.#topic, assigned))
    if (open.length > 0) this.#connection.refresh()
    return open
  }

  #fail(call: PendingCall, error: KtError): void {
    if (call.settled) return
    this.#options.meter.add('kt_producer_failures_total', 1, { topic: this.#topic, code: error.code })
    this.#deadlines.stop(call)
    call.fail(error)
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.name === 'TimeoutError'
}
