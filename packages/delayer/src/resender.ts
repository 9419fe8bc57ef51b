import { errorFields, KtError } from '@kt/core'
import { isRefused, sendDeadLetters, within } from '@kt/core/internal'
import type { IsOpen, Message, MessageBatch } from '@kt/core'
import type { ResolvedDelayerOptions } from './options.ts'
import { toResends } from './resend.ts'
import type { Resend, Unreadable } from './resend.ts'

type Options = Pick<
  ResolvedDelayerOptions,
  'producer' | 'topic' | 'name' | 'transactions' | 'delayTopic' | 'maxAttempts' | 'logger' | 'meter'
>

/** Time-out for finding out which transactions are open. */
const transactionsTimeoutMs = 30_000

/** The state of one topic's failed deliveries from one partition. */
interface TopicState {
  /** Offset of the last acknowledged message, while others of its batch are retried. */
  sentUpTo: bigint
  /** Number of consecutive errors that Kafka has answered with. */
  failures: number
}

/**
 * Sends due messages, separately for each topic. Messages that can't be read, or that Kafka refuses for good, become
 * dead letters and block nothing.
 */
export class Resender {
  readonly #options: Options
  /** Keyed by partition and topic, for failing topics and those that share a batch with them. */
  readonly #states = new Map<string, TopicState>()

  /** Keyed by partition. All attempts at a batch use the same answer, because sent messages are counted by topic. */
  readonly #isOpen = new Map<number, IsOpen>()

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * Resolves when Kafka has acknowledged all messages that result from these. They may be committed then. Messages that
   * were acknowledged before are not sent again.
   *
   * @param attempt 1 for the first attempt at these messages
   * @throws KtError the producer's error, when a retry may help
   */
  async send(messages: readonly Message[], attempt: number): Promise<void> {
    const partition = messages[0]?.partition ?? 0
    if (attempt === 1) this.#begin(partition)
    const isOpen = await this.#openTransactions(partition)
    const groups = new Map<string, Resend[]>()
    const unreadable: Unreadable[] = []
    for (const message of messages) {
      const result = toResends(message, this.#options.delayTopic, isOpen)
      if ('code' in result) unreadable.push(result)
      else for (const resend of result) addTo(groups, resend.options.topic, resend)
    }
    await this.#once(`${partition}`, unreadable, (each) => this.#sendUnreadableToDeadLetters(each, attempt))
    const results = await Promise.allSettled(
      [...groups].map(([topic, group]) =>
        this.#once(`${partition} ${topic}`, group, (each, state) =>
          this.#deliverOrGiveUp(each, attempt, state),
        ),
      ),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /**
   * Drops the state of the previous batch. A topic that was failing gets one attempt in the new batch, so that it
   * doesn't delay the others for as long again.
   */
  #begin(partition: number): void {
    this.#isOpen.delete(partition)
    for (const [key, state] of this.#states) {
      if (key.split(' ', 1)[0] !== String(partition)) continue
      if (state.failures === 0) this.#states.delete(key)
      else state.sentUpTo = -1n
    }
  }

  async #openTransactions(partition: number): Promise<IsOpen | undefined> {
    const { transactions } = this.#options
    const known = this.#isOpen.get(partition)
    if (known !== undefined || transactions === undefined) return known
    const isOpen = await within(transactionsTimeoutMs, transactions.read(), transactionsTimedOut)
    this.#isOpen.set(partition, isOpen)
    return isOpen
  }

  /** Sends the messages that earlier attempts at the batch haven't sent. */
  async #once<T extends { readonly source: Message }>(
    key: string,
    all: readonly T[],
    send: (unsent: readonly T[], state: TopicState) => Promise<void>,
  ): Promise<void> {
    const last = all.at(-1)
    if (last === undefined) return
    const state = this.#states.get(key) ?? { sentUpTo: -1n, failures: 0 }
    this.#states.set(key, state)
    await send(
      all.filter(({ source }) => source.offset > state.sentUpTo),
      state,
    )
    state.sentUpTo = last.source.offset
  }

  async #deliver(resends: readonly Resend[]): Promise<void> {
    const { producer, topic, name, meter } = this.#options
    if (resends.length === 0) return
    await producer.batch((batch: MessageBatch) => {
      for (const { value, options } of resends) batch.produce(value, options)
    })
    if (resends[0]?.options.topic === topic) this.#reportPostponed(resends.length)
    else meter.add('kt_delayer_resent_total', resends.length, { topic, name })
  }

  #reportPostponed(messages: number): void {
    const { topic, name, logger, meter } = this.#options
    meter.add('kt_delayer_postponed_total', messages, { topic, name })
    logger.warn('Delay messages are postponed by another delay because their transactions are still open', {
      topic,
      group: name,
      messages,
    })
  }

  async #deliverOrGiveUp(group: readonly Resend[], attempt: number, state: TopicState): Promise<void> {
    try {
      await this.#deliver(group)
      state.failures = 0
    } catch (error) {
      if (!isRefused(error) && !this.#hasFailedTooOften(state, error)) throw error
      if (isRefused(error) && group.length > 1) {
        for (const resend of group) {
          await this.#deliverOrGiveUp([resend], attempt, state)
          state.sentUpTo = resend.source.offset
        }
        return
      }
      const { logger, topic, name } = this.#options
      logger.error('Delay messages could not be re-sent and become dead letters', {
        topic,
        group: name,
        to: group[0]?.options.topic,
        messages: group.length,
        ...errorFields(error),
      })
      await this.#sendToDeadLetters(
        group.map(({ source }) => source),
        error.code,
        attempt,
      )
    }
  }

  /**
   * Whether the topic has failed too often. Final refusals say nothing about the topic, so they don't count. A time-out
   * resets the count. Otherwise an outage would use up all attempts, and messages would become dead letters as soon as
   * Kafka is back.
   */
  #hasFailedTooOften(state: TopicState, error: unknown): error is KtError {
    state.failures = isAnswer(error) ? state.failures + 1 : 0
    return state.failures >= this.#options.maxAttempts
  }

  async #sendUnreadableToDeadLetters(unreadable: readonly Unreadable[], attempts: number): Promise<void> {
    for (const code of new Set(unreadable.map((each) => each.code))) {
      const messages = unreadable.filter((each) => each.code === code).map(({ source }) => source)
      await this.#sendToDeadLetters(messages, code, attempts)
    }
  }

  /** Rejects when Kafka is away. The messages then stay in the topic. */
  async #sendToDeadLetters(
    messages: readonly Message[],
    code: KtError['code'],
    attempts: number,
  ): Promise<void> {
    const { producer, topic, name, logger, meter } = this.#options
    const reason = { code, attempts }
    const refused = await sendDeadLetters(
      producer,
      messages.map((message) => ({ message, reason })),
    )
    const skipped = new Map(refused.map(({ message, error }) => [message, error]))
    meter.add('kt_delayer_dead_letters_total', messages.length - refused.length, { topic, name, code })
    meter.add('kt_delayer_passed_over_total', refused.length, { topic, name })
    for (const message of messages) {
      const { partition, offset } = message
      const place = { topic, group: name, partition, offset: String(offset), code }
      const error = skipped.get(message)
      if (error === undefined) logger.warn('A delay message became a dead letter', place)
      else
        logger.error('A delay message was skipped because Kafka refuses it even as a dead letter', {
          ...place,
          ...errorFields(error),
        })
    }
  }
}

function addTo(groups: Map<string, Resend[]>, topic: string, resend: Resend): void {
  const group = groups.get(topic)
  if (group === undefined) groups.set(topic, [resend])
  else group.push(resend)
}

function transactionsTimedOut(): KtError {
  return new KtError(
    'KT_LOAD_FAILED',
    `The option "transactions" did not return the open transactions within ${transactionsTimeoutMs} ms`,
    { retryable: true },
  )
}

/** Whether Kafka answered. Only then does an error say something about the message. */
function isAnswer(error: unknown): error is KtError {
  return KtError.isInstance(error) && error.code === 'KT_PRODUCE_FAILED'
}
