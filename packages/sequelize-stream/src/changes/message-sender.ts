import { delayMessageOf, headerNames } from '@kt/core'
import type { MessageProducer, ProduceOptions } from '@kt/core'
import type { OutgoingChange } from './change.ts'
import type { ChangeLog } from './change-log.ts'

/** Waits for one batch that is being sent. */
type Wait = (sending: Promise<void>) => Promise<void>

/** Delay messages to be sent. */
export interface Delays {
  readonly chunks: Iterable<readonly OutgoingChange[]>
  readonly changeId: string
  /** How many of the same change id were sent before. @defaultValue 0 */
  readonly from?: number | undefined
}

/** Instant messages to be sent. */
export interface Instants {
  readonly log: ChangeLog<unknown>
  readonly changeId: string
}

const untilSent: Wait = (sending) => sending

/** Turns changes into messages: a batch per chunk of a log, one chunk after the other. */
export class MessageSender {
  readonly #producer: MessageProducer

  constructor(producer: MessageProducer) {
    this.#producer = producer
  }

  /**
   * Resolves, with true, when Kafka has acknowledged all of them. `wait` may lose patience with a batch: then no more
   * are sent.
   */
  async sendDelays({ chunks, changeId, from = 0 }: Delays, wait: Wait = untilSent): Promise<true> {
    let index = from
    for (const chunk of chunks) {
      await wait(this.#send(toMessages(chunk, asDelay, changeId, index)))
      index += chunk.length
    }
    return true
  }

  /** Sends the delay message of one change only. */
  async sendFirstDelay(log: ChangeLog<unknown>, changeId: string): Promise<void> {
    for (const chunk of log.chunks()) return this.#send(toMessages(chunk.slice(0, 1), asDelay, changeId, 0))
  }

  /** Resolves when Kafka has acknowledged all of them. */
  async sendInstants({ log, changeId }: Instants): Promise<void> {
    let index = 0
    for (const chunk of log.chunks()) {
      await this.#send(toMessages(chunk, asInstant, changeId, index))
      index += chunk.length
    }
  }

  /** The same for several small logs, in one batch. */
  async sendInstantsTogether(all: readonly Instants[]): Promise<void> {
    const messages: Message[] = []
    for (const { log, changeId } of all) {
      let index = 0
      for (const chunk of log.chunks()) {
        messages.push(...toMessages(chunk, asInstant, changeId, index))
        index += chunk.length
      }
    }
    await this.#send(messages)
  }

  async #send(messages: readonly Message[]): Promise<void> {
    const [first] = messages
    if (messages.length === 1 && first !== undefined) await this.#producer.produce(first.value, first.options)
    else
      await this.#producer.batch((batch) => {
        for (const { value, options } of messages) batch.produce(value, options)
      })
  }
}

interface Message {
  readonly value: string
  readonly options: ProduceOptions
}

interface Encoded {
  readonly topic: string
  readonly value: string
}

/** One id per record: both kinds of messages go over the same log, so they agree on it. */
function toMessages(
  chunk: readonly OutgoingChange[],
  encode: (change: OutgoingChange) => Encoded,
  changeId: string,
  from: number,
): Message[] {
  return chunk.map((change, index) => {
    const { topic, value } = encode(change)
    const headers = { [headerNames.changeId]: `${changeId}.${from + index}` }
    return { value, options: { topic, key: change.key, headers } }
  })
}

function asDelay({ delayTopic, topic, value }: OutgoingChange): Encoded {
  return { topic: delayTopic, value: delayMessageOf(value, topic, Date.now()) }
}

function asInstant({ topic, value }: OutgoingChange): Encoded {
  return { topic, value }
}
