import { errorFields, isRefused, KtError, sendDeadLetters, within } from '@kt/core'
import type { IsOpen, Message, MessageBatch } from '@kt/core'
import type { ResolvedDelayerOptions } from './options.ts'
import { toResends } from './resend.ts'
import type { Resend, Unreadable } from './resend.ts'

type Options = Pick<
  ResolvedDelayerOptions,
  'producer' | 'topic' | 'name' | 'transactions' | 'delayTopic' | 'maxAttempts' | 'logger' | 'meter'
>

/** How long it may take to learn which transactions are open. */
const lookTimeoutMs = 30_000

/** What was sent in vain to one topic, from one partition. */
interface TopicState {
  /** The last message that Kafka has acknowledged, while others of its batch are tried again. */
  sentUpTo: bigint
  /** How often in a row Kafka answered with an error. */
  failures: number
}

/**
 * Sends due messages on, each topic for itself. What can't be read, or is refused for good, becomes a dead letter and
 * stops nothing.
 */
export class Resender {
  readonly #options: Options
  /** By partition and topic; of topics that fail, and of those that share a batch with them. */
  readonly #states = new Map<string, TopicState>()

  /** By partition. For all tries of a batch the same, since what was sent counts by topic. */
  readonly #isOpen = new Map<number, IsOpen>()

  constructor(options: Options) {
    this.#options = options
  }

  /**
   * Resolves when Kafka has acknowledged everything that these messages became; they may be committed then. What it has
   * acknowledged already is not sent again.
   *
   * @param attempt 1 for the first try of these messages
   * @throws KtError what the producer throws, when trying again may help
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
    await this.#once(`${partition}`, unreadable, (each) => this.#buryUnreadable(each, attempt))
    const results = await Promise.allSettled(
      [...groups].map(([topic, group]) =>
        this.#once(`${partition} ${topic}`, group, (each, state) =>
          this.#deliverOrBury(each, attempt, state),
        ),
      ),
    )
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }

  /**
   * Forgets what was sent of a batch that nobody tries any more. A topic that has failed until now gets one try in the
   * next one, so that it does not hold up the others for as long again.
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
    const isOpen = await within(lookTimeoutMs, transactions.look(), lookTooLate)
    this.#isOpen.set(partition, isOpen)
    return isOpen
  }

  /** Sends those that were not sent by an earlier try of the batch. */
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
    logger.warn('Delay messages wait for another delay, for their transactions have not ended', {
      topic,
      group: name,
      messages,
    })
  }

  async #deliverOrBury(group: readonly Resend[], attempt: number, state: TopicState): Promise<void> {
    try {
      await this.#deliver(group)
      state.failures = 0
    } catch (error) {
      if (!isRefused(error) && !this.#isWornOut(state, error)) throw error
      if (isRefused(error) && group.length > 1) {
        for (const resend of group) {
          await this.#deliverOrBury([resend], attempt, state)
          state.sentUpTo = resend.source.offset
        }
        return
      }
      const { logger, topic, name } = this.#options
      logger.error('Delay messages are given up', {
        topic,
        group: name,
        to: group[0]?.options.topic,
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

  /**
   * What Kafka refuses for good says nothing about the topic. Time-outs do not count, and the count begins anew after one: in an outage they would use up all tries, and the last
   * one's messages be buried as soon as Kafka is back.
   */
  #isWornOut(state: TopicState, error: unknown): error is KtError {
    state.failures = isAnswer(error) ? state.failures + 1 : 0
    return state.failures >= this.#options.maxAttempts
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
    const reason = { code, attempts }
    const refused = await sendDeadLetters(
      producer,
      messages.map((message) => ({ message, reason })),
    )
    const passedOver = new Map(refused.map(({ message, error }) => [message, error]))
    meter.add('kt_delayer_dead_letters_total', messages.length - refused.length, { topic, name, code })
    meter.add('kt_delayer_passed_over_total', refused.length, { topic, name })
    for (const message of messages) {
      const { partition, offset } = message
      const place = { topic, group: name, partition, offset: String(offset), code }
      const error = passedOver.get(message)
      if (error === undefined) logger.warn('A delay message became a dead letter', place)
      else
        logger.error('A delay message was passed over: Kafka refuses it even as a dead letter', {
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

function lookTooLate(): KtError {
  return new KtError(
    'KT_LOAD_FAILED',
    `The database did not tell within ${lookTimeoutMs} ms which transactions are open`,
    { retryable: true },
  )
}

/** Whether Kafka answered, and so is there: that a message was not taken says something about the message then. */
function isAnswer(error: unknown): error is KtError {
  return KtError.isInstance(error) && error.code === 'KT_PRODUCE_FAILED'
}
