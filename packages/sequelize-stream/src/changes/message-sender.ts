import { delayMessageEncoder, headerNames } from '@kt/core'
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
    for (const changes of chunks) {
      await wait(this.#send(delays(), [{ changes, changeId, from: index }]))
      index += changes.length
    }
    return true
  }

  /** Sends the delay message of one change only. */
  async sendFirstDelay(log: ChangeLog<unknown>, changeId: string): Promise<void> {
    for (const chunk of log.chunks())
      return this.#send(delays(), [{ changes: chunk.slice(0, 1), changeId, from: 0 }])
  }

  /** Resolves when Kafka has acknowledged all of them. */
  async sendInstants(instants: Instants): Promise<void> {
    for (const part of partsOf(instants)) await this.#send(instantMessages, [part])
  }

  /** The same for several small logs, in one batch. */
  async sendInstantsTogether(all: readonly Instants[]): Promise<void> {
    await this.#send(
      instantMessages,
      all.flatMap((each) => [...partsOf(each)]),
    )
  }

  async #send(kind: Kind, parts: readonly Part[]): Promise<void> {
    const [first] = parts
    const [change] = first?.changes ?? []
    if (parts.length === 1 && first?.changes.length === 1 && change !== undefined)
      await this.#producer.produce(kind.valueOf(change), optionsOf(kind, first)(change, 0))
    else
      await this.#producer.batch((batch) => {
        for (const part of parts) {
          const toOptions = optionsOf(kind, part)
          let index = 0
          for (const each of part.changes) batch.produce(kind.valueOf(each), toOptions(each, index++))
        }
      })
  }
}

/** Changes with the same change id, of which so many others come before them. */
interface Part {
  readonly changes: readonly OutgoingChange[]
  readonly changeId: string
  readonly from: number
}

/** Which messages are made of changes. */
interface Kind {
  readonly topicOf: (change: OutgoingChange) => string
  readonly valueOf: (change: OutgoingChange) => string
}

const instantMessages: Kind = { topicOf: ({ topic }) => topic, valueOf: ({ value }) => value }

/** Delay messages that are made now. */
function delays(): Kind {
  const nowMs = Date.now()
  let encoder: { readonly topic: string; readonly encode: (payload: string) => string } | undefined
  return {
    topicOf: ({ delayTopic }) => delayTopic,
    valueOf: ({ topic, value }) => {
      // Thousands in a row have the same.
      if (encoder?.topic !== topic) encoder = { topic, encode: delayMessageEncoder(topic, nowMs) }
      return encoder.encode(value)
    },
  }
}

/** One id per record: both kinds of messages go over the same log, so they agree on it. */
function optionsOf(
  { topicOf }: Kind,
  { changeId, from }: Part,
): (change: OutgoingChange, index: number) => ProduceOptions {
  const prefix = `${changeId}.`
  return (change, index) => ({
    topic: topicOf(change),
    key: change.key,
    headers: { [headerNames.changeId]: prefix + String(from + index) },
  })
}

function* partsOf({ log, changeId }: Instants): Generator<Part> {
  let from = 0
  for (const changes of log.chunks()) {
    yield { changes, changeId, from }
    from += changes.length
  }
}
