import { errorFields, isRefused, KtError, toDeadLetter } from '@kt/core'
import type { Message, MessageBatch } from '@kt/core'
import type { ResolvedDelayerOptions } from './options.ts'
import { toResends } from './resend.ts'
import type { Resend, Unreadable } from './resend.ts'

type Options = Pick<
  ResolvedDelayerOptions,
  'producer' | 'topic' | 'name' | 'delayTopic' | 'maxAttempts' | 'logger' | 'meter'
>

/** Sends due messages on. What can't be read, or is refused for good, becomes a dead letter and stops nothing. */
export class Resender {
  readonly #options: Options
  /** How often in a row Kafka answered with an error, for each partition that is being tried again. */
  readonly #failures = new Map<number, number>()

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * Resolves when Kafka has acknowledged everything that these messages became; they may be committed then.
   *
   * @param attempt 1 for the first try of these messages
   * @throws KtError what the producer throws, when trying again may help
   */
  async send(messages: readonly Message[], attempt: number): Promise<void> {
    const resends: Resend[] = []
    const unreadable: Unreadable[] = []
    for (const message of messages) {
      const result = toResends(message, this.#options.delayTopic)
      if ('code' in result) unreadable.push(result)
      else resends.push(...result)
    }
    await this.#buryUnreadable(unreadable, attempt)
    const partition = messages[0]?.partition ?? 0
    try {
      await this.#deliver(resends)
    } catch (error) {
      const failures = this.#countFailure(partition, error)
      if (!isRefused(error) && failures < this.#options.maxAttempts) throw error
      await this.#deliverByTopic(resends, attempt)
    }
    this.#failures.delete(partition)
  }

  /**
   * Time-outs do not count, and the count begins anew after one: in an outage they would use up all tries, and the last
   * one's messages be buried as soon as Kafka is back.
   */
  #countFailure(partition: number, error: unknown): number {
    const failures = isAnswer(error) ? (this.#failures.get(partition) ?? 0) + 1 : 0
    this.#failures.set(partition, failures)
    return failures
  }

  async #deliver(resends: readonly Resend[]): Promise<void> {
    const { producer, topic, name, meter } = this.#options
    if (resends.length === 0) return
    await producer.batch((batch: MessageBatch) => {
      for (const { value, options } of resends) batch.produce(value, options)
    })
    meter.add('kt_delayer_resent_total', resends.length, { topic, name })
  }

  async #deliverByTopic(resends: readonly Resend[], attempt: number): Promise<void> {
    const groups = new Map<string, Resend[]>()
    for (const resend of resends) {
      const group = groups.get(resend.options.topic) ?? []
      group.push(resend)
      groups.set(resend.options.topic, group)
    }
    const results = await Promise.allSettled(
      [...groups.values()].map((group) => this.#deliverOrBury(group, attempt)),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  async #deliverOrBury(group: readonly Resend[], attempt: number): Promise<void> {
    try {
      await this.#deliver(group)
    } catch (error) {
      if (!isRefused(error) && !(isAnswer(error) && this.#isWornOut(group))) throw error
      if (isRefused(error) && group.length > 1) {
        for (const resend of group) await this.#deliverOrBury([resend], attempt)
        return
      }
      const { logger, topic, name } = this.#options
      logger.error('Delay messages are given up', {
        topic,
        name,
        messages: group.length,
        ...errorFields(error),
      })
      await this.#bury(
        group.map(({ source }) => source),
        error.code,
        attempt,
      )
    }
  }

  #isWornOut([first]: readonly Resend[]): boolean {
    return (this.#failures.get(first?.source.partition ?? 0) ?? 0) >= this.#options.maxAttempts
  }

  async #buryUnreadable(unreadable: readonly Unreadable[], attempts: number): Promise<void> {
    for (const code of new Set(unreadable.map((each) => each.code))) {
      const messages = unreadable.filter((each) => each.code === code).map(({ source }) => source)
      await this.#bury(messages, code, attempts)
    }
  }

  /** Rejects when Kafka is away: then the messages stay where they are. */
  async #bury(messages: readonly Message[], code: KtError['code'], attempts: number): Promise<void> {
    const { producer, topic, name, logger, meter } = this.#options
    try {
      await producer.batch((batch: MessageBatch) => {
        for (const message of messages) {
          const { value, ...options } = toDeadLetter(message, { code, attempts })
          batch.produce(value, options)
        }
      })
    } catch (error) {
      if (!isRefused(error)) throw error
      if (messages.length === 1) return this.#passOver(messages, error)
      for (const message of messages) await this.#bury([message], code, attempts)
      return
    }
    meter.add('kt_delayer_dead_letters_total', messages.length, { topic, name, code })
    for (const { partition, offset } of messages)
      logger.warn('A delay message became a dead letter', {
        topic,
        name,
        partition,
        offset: String(offset),
        code,
      })
  }

  /** With its headers the dead letter of a message of the largest size is larger than Kafka takes, for instance. */
  #passOver(messages: readonly Message[], error: unknown): void {
    const { topic, name, logger, meter } = this.#options
    meter.add('kt_delayer_passed_over_total', messages.length, { topic, name })
    for (const { partition, offset } of messages)
      logger.error('A delay message was passed over: Kafka refuses it even as a dead letter', {
        topic,
        name,
        partition,
        offset: String(offset),
        ...errorFields(error),
      })
  }
}

/** Whether Kafka answered, and so is there: that a message was not taken says something about the message then. */
function isAnswer(error: unknown): error is KtError {
  return KtError.isInstance(error) && error.code === 'KT_PRODUCE_FAILED'
}
