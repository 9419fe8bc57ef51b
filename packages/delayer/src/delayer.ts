import { deadLetterTopic } from '@kt/core'
import { requireTopic, TopicWorker } from '@kt/core/internal'
import type { BatchContext, Consumption, Message, Pause, RunOptions } from '@kt/core'
import { checkDelayTopic } from './check-delay-topic.ts'
import { AssumedDelays } from './assumed-delays.ts'
import { DelayLine } from './delay-line.ts'
import { resolveDelayerOptions } from './options.ts'
import type { DelayerOptions, ResolvedDelayerOptions } from './options.ts'
import { Resender } from './resender.ts'

/**
 * Delays the messages of a delay topic, and re-sends each to its target topic when it comes due. Each partition waits
 * separately. Re-sent messages are committed before the wait for the next ones begins.
 *
 * A message is due `delayMs` after its record's timestamp, and at the latest `delayMs` after this Delayer first saw it. If
 * its writer relies on a longer delay, that one counts.
 */
export class Delayer extends TopicWorker {
  readonly #options: ResolvedDelayerOptions
  readonly #assumed: AssumedDelays
  readonly #line: DelayLine
  readonly #resender: Resender

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(options: DelayerOptions) {
    super('Delayer')
    this.#options = resolveDelayerOptions(options)
    this.#assumed = new AssumedDelays(this.#options)
    this.#line = new DelayLine((message) => this.#assumed.delayOf(message))
    this.#resender = new Resender(this.#options)
  }

  /**
   * Starts the worker and resolves once it has joined its consumer group. Repeated calls wait for the same start. After
   * a failure, it may be called again.
   *
   * @throws KtError the errors of the consumer (`KT_CONSUME_FAILED`, `KT_ABORTED`), `KT_PRODUCE_FAILED` when the
   *   dead-letter topic is missing, and `KT_CLOSED` after `close()`
   */
  async run(options?: RunOptions): Promise<void> {
    await this.begin((signal) => this.#consume(signal), options)
  }

  async #consume(signal: AbortSignal): Promise<Consumption> {
    const { consumer, producer, topic, name, partition, batchSize } = this.#options
    await requireTopic(producer, deadLetterTopic(topic), 'dead letters', signal)
    await checkDelayTopic(this.#options)
    return consumer.consume(
      { topic, name, batchSize, ...(partition !== undefined && { partition }), signal },
      (messages, context) => this.#handle(messages, context),
    )
  }

  async #handle(messages: readonly Message[], context: BatchContext): Promise<Pause | void> {
    const { topic, name, meter } = this.#options
    const { due, next } = this.#line.split(context.partition, messages, Date.now())
    const [first] = due
    if (first !== undefined) {
      await this.#resender.send(due, context.attempt)
      const dueAtMs = first.timestampMs + this.#assumed.delayOf(first)
      meter.record('kt_delayer_late_ms', Math.max(0, Date.now() - dueAtMs), { topic, name })
    }
    if (next === undefined) return undefined
    return { from: next.offset, forMs: Math.max(1, next.dueAtMs - Date.now()) }
  }
}
