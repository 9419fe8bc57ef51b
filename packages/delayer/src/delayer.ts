import { deadLetterTopic, KtError, requireTopic } from '@kt/core'
import type { BatchContext, CatchUpOptions, Consumption, Hold, Message } from '@kt/core'
import { checkDelayTopic } from './check-delay-topic.ts'
import { DelayLine } from './delay-line.ts'
import { resolveDelayerOptions } from './options.ts'
import type { DelayerOptions, ResolvedDelayerOptions } from './options.ts'
import { Resender } from './resender.ts'

export interface RunOptions {
  /** Closes the Delayer when it fires. */
  readonly signal?: AbortSignal
}

/**
 * Holds the messages of a delay topic back, and re-sends each to the topic that it names when it comes due. Each
 * partition waits for itself alone; what was re-sent is committed before the wait for the rest begins.
 *
 * A message is due `delayMs` after its record's timestamp, and at the latest `delayMs` after this Delayer saw it first.
 */
export class Delayer implements AsyncDisposable {
  readonly #options: ResolvedDelayerOptions
  readonly #line: DelayLine
  readonly #resender: Resender
  #consumption: Promise<Consumption> | undefined
  readonly #closing = new AbortController()

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(options: DelayerOptions) {
    this.#options = resolveDelayerOptions(options)
    this.#line = new DelayLine(this.#options.delayMs)
    this.#resender = new Resender(this.#options)
  }

  /**
   * Starts to work; resolves once the worker has joined its group. Called again, it waits for the same; when
   * it failed, it may be called anew.
   *
   * @throws KtError what the consumer throws (`KT_CONSUME_FAILED`, `KT_ABORTED`), `KT_PRODUCE_FAILED` when the
   *   dead-letter topic is missing, and `KT_CLOSED` after `close()`.
   */
  async run({ signal }: RunOptions = {}): Promise<void> {
    if (this.#closing.signal.aborted)
      throw new KtError('KT_CLOSED', 'This Delayer was closed', { retryable: false })
    const consumption = (this.#consumption ??= this.#consume(signal))
    try {
      await consumption
    } catch (error) {
      if (this.#consumption === consumption) this.#consumption = undefined
      throw error
    }
  }

  /**
   * Resolves when everything that is in the delay topic now has come due, was re-sent, and is committed.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, and `KT_CLOSED` when it does not run.
   */
  async whenCaughtUp(options?: CatchUpOptions): Promise<void> {
    const consumption = await this.#running()
    await consumption.whenCaughtUp(options)
  }

  /**
   * Messages that wait in the delay topic, over all its partitions.
   *
   * @throws KtError `KT_CLOSED` when it does not run.
   */
  async lag(): Promise<bigint> {
    const consumption = await this.#running()
    return consumption.lag()
  }

  /** Finishes and commits what it is re-sending, then leaves the group. Idempotent. */
  async close(): Promise<void> {
    this.#closing.abort()
    const consumption = await this.#consumption?.catch(() => undefined)
    await consumption?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #consume(signal: AbortSignal | undefined): Promise<Consumption> {
    const { consumer, producer, topic, name, partition, batchSize } = this.#options
    const ending =
      signal === undefined ? this.#closing.signal : AbortSignal.any([signal, this.#closing.signal])
    await requireTopic(producer, deadLetterTopic(topic), 'dead letters', ending)
    await checkDelayTopic(this.#options)
    return consumer.consume(
      {
        topic,
        name,
        batchSize,
        ...(partition !== undefined && { partition }),
        signal: ending,
      },
      (messages, context) => this.#handle(messages, context),
    )
  }

  async #handle(messages: readonly Message[], context: BatchContext): Promise<Hold | void> {
    const { topic, name, delayMs, meter } = this.#options
    const { due, next } = this.#line.split(context.partition, messages, Date.now())
    const [first] = due
    if (first !== undefined) {
      await this.#resender.send(due, context.attempt)
      meter.record('kt_delayer_late_ms', Math.max(0, Date.now() - first.timestampMs - delayMs), {
        topic,
        name,
      })
    }
    if (next === undefined) return undefined
    return { from: next.offset, forMs: Math.max(1, next.dueAtMs - Date.now()) }
  }

  async #running(): Promise<Consumption> {
    if (this.#consumption === undefined || this.#closing.signal.aborted)
      throw new KtError('KT_CLOSED', 'This Delayer does not run: call run() first', { retryable: false })
    return this.#consumption
  }
}
