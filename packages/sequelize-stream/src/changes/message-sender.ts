import { delayMessageOf, headerNames } from '@kt/core'
import type { MessageProducer } from '@kt/core'
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
  async sendDelays({ chunks, changeId, from }: Delays, wait: Wait = untilSent): Promise<true> {
    await this.#send(chunks, changeId, asDelay, wait, from)
    return true
  }

  /** Sends the delay message of one change only. */
  async sendFirstDelay(log: ChangeLog<unknown>, changeId: string): Promise<void> {
    for (const chunk of log.chunks()) return this.#send([chunk.slice(0, 1)], changeId, asDelay, untilSent)
  }

  /** Resolves when Kafka has acknowledged all of them. */
  async sendInstants(log: ChangeLog<unknown>, changeId: string): Promise<void> {
    await this.#send(log.chunks(), changeId, asInstant, untilSent)
  }

  async #send(
    chunks: Iterable<readonly OutgoingChange[]>,
    changeId: string,
    encode: (change: OutgoingChange) => Encoded,
    wait: Wait,
    from = 0,
  ): Promise<void> {
    let index = from
    for (const chunk of chunks) {
      const sending = this.#producer.batch((batch) => {
        for (const change of chunk) {
          const { topic, value } = encode(change)
          // One id per record: both kinds of messages go over the same log, so they agree on it.
          const headers = { [headerNames.changeId]: `${changeId}.${index++}` }
          batch.produce(value, { topic, key: change.key, headers })
        }
      })
      await wait(sending)
    }
  }
}

interface Encoded {
  readonly topic: string
  readonly value: string
}

function asDelay({ delayTopic, topic, value }: OutgoingChange): Encoded {
  return { topic: delayTopic, value: delayMessageOf(value, topic, Date.now()) }
}

function asInstant({ topic, value }: OutgoingChange): Encoded {
  return { topic, value }
}
