import { errorFields, headerNames, KtError } from '@kt/core'
import { delayMessageEncoder, encodeAssumedDelay } from '@kt/core/internal'
import type { BatchOptions, KeyPartitioner, Logger, MessageProducer, ProduceOptions } from '@kt/core'
import type { OutgoingChange } from '../changes/change.ts'
import type { ChangeLog } from '../changes/change-log.ts'
import { inLists, topicsWorthLists, worthwhile } from '../changes/record-lists.ts'

type OnWritten = NonNullable<BatchOptions['onWritten']>

/** Waits for one batch to be sent. */
type Wait = (sending: Promise<void>) => Promise<void>

export interface MessageSenderOptions {
  readonly producer: MessageProducer
  /** Maximum number of records per message. */
  readonly recordsPerMessage: number
  /** The delay that the delay messages rely on. */
  readonly delayMs: number
  readonly logger: Logger
}

/** The changes of a transaction, and the id that its messages carry. */
export interface LoggedChanges {
  readonly log: ChangeLog<unknown>
  readonly changeId: string
}

const untilSent: Wait = (sending) => sending

/** Turns changes into messages. Sends one batch per chunk of a log, one chunk after the other. */
export class MessageSender {
  readonly #options: MessageSenderOptions

  constructor(options: MessageSenderOptions) {
    this.#options = options
  }

  /** Resolves with true when Kafka has acknowledged all of them. Stops when `wait` rejects for a batch. */
  async sendDelays(logged: LoggedChanges, wait: Wait = untilSent): Promise<true> {
    for (const part of partsOf(logged)) await wait(this.#send(delays(this.#options), [part]))
    return true
  }

  /** Sends the delay message of the first change only. */
  async sendFirstDelay(logged: LoggedChanges): Promise<void> {
    for (const part of partsOf(logged))
      return this.#send(delays(this.#options), [{ ...part, changes: part.changes.slice(0, 1) }])
  }

  /** Sends the instant messages. Resolves when Kafka has acknowledged all of them. */
  async sendInstants(logged: LoggedChanges, onWritten?: OnWritten): Promise<void> {
    for (const part of partsOf(logged)) await this.#send(instantMessages, [part], onWritten)
  }

  /** Sends the instant messages of several small logs in one batch. */
  async sendInstantsTogether(all: readonly LoggedChanges[], onWritten: OnWritten): Promise<void> {
    await this.#send(
      instantMessages,
      all.flatMap((each) => [...partsOf(each)]),
      onWritten,
    )
  }

  async #send(kind: Kind, parts: readonly Part[], onWritten?: OnWritten): Promise<void> {
    const { producer } = this.#options
    const [first] = parts
    const [change] = first?.changes ?? []
    if (onWritten === undefined && parts.length === 1 && first?.changes.length === 1 && change !== undefined)
      return producer.produce(kind.valueOf(change), optionsOf(kind, first, change, 0))
    const mayBeListed = parts.some((part) => this.#mayBeListed(part))
    // Don't yield without lists, so that the messages are sent in this turn and not overtaken.
    const listed = mayBeListed ? await Promise.all(parts.map((part) => this.#listed(part))) : parts
    await producer.batch(
      (batch) => {
        for (const part of listed)
          for (const [index, each] of part.changes.entries())
            batch.produce(kind.valueOf(each), optionsOf(kind, part, each, index))
      },
      { ...(onWritten !== undefined && { onWritten }) },
    )
  }

  #mayBeListed({ changes }: Part): boolean {
    const { producer, recordsPerMessage } = this.#options
    return recordsPerMessage > 1 && producer.keyPartitioner !== undefined && changes.length >= worthwhile
  }

  /** Merges many records into fewer messages. */
  async #listed(part: Part): Promise<Part> {
    const { recordsPerMessage } = this.#options
    if (!this.#mayBeListed(part)) return part
    const partitioners = new Map<string, KeyPartitioner>()
    for (const topic of topicsWorthLists(part.changes)) {
      const partitionOf = await this.#partitioner(topic)
      if (partitionOf !== undefined) partitioners.set(topic, partitionOf)
    }
    if (partitioners.size === 0) return part
    return { ...part, changes: inLists(part.changes, partitioners, recordsPerMessage) }
  }

  async #partitioner(topic: string): Promise<KeyPartitioner | undefined> {
    const { producer, logger } = this.#options
    try {
      return await producer.keyPartitioner?.(topic)
    } catch (error) {
      // Don't wait as long again: if Kafka is away, sending would time out too.
      if (KtError.isInstance(error) && error.code === 'KT_PRODUCE_TIMEOUT') throw error
      logger.warn('The partitions of a topic could not be looked up, so each record gets its own message', {
        topic,
        ...errorFields(error),
      })
      return undefined
    }
  }
}

/** Changes that share a change id, and the number of changes before them. */
interface Part {
  readonly changes: readonly OutgoingChange[]
  readonly changeId: string
  readonly from: number
}

/** How a kind of message is made of a change. */
interface Kind {
  readonly topicOf: (change: OutgoingChange) => string
  readonly valueOf: (change: OutgoingChange) => string
  readonly delay?: string | undefined
}

const instantMessages: Kind = { topicOf: ({ topic }) => topic, valueOf: ({ value }) => value }

/** Delay messages, created now. */
function delays({ delayMs }: Pick<MessageSenderOptions, 'delayMs'>): Kind {
  const nowMs = Date.now()
  let encoder: { readonly topic: string; readonly encode: (payload: string) => string } | undefined
  return {
    topicOf: ({ delayTopic }) => delayTopic,
    delay: encodeAssumedDelay(delayMs),
    valueOf: ({ topic, value }) => {
      // Thousands of consecutive changes have the same topic.
      if (encoder?.topic !== topic) encoder = { topic, encode: delayMessageEncoder(topic, nowMs) }
      return encoder.encode(value)
    },
  }
}

/** Gives each message its own change id. Both kinds of messages iterate the same log, so their ids agree. */
function optionsOf(
  { topicOf, delay }: Kind,
  { changeId, from }: Part,
  change: OutgoingChange,
  index: number,
): ProduceOptions {
  return {
    topic: topicOf(change),
    key: change.key,
    headers: {
      [headerNames.changeId]: `${changeId}.${from + index}`,
      ...(change.changed !== undefined && { [headerNames.changed]: change.changed }),
      ...(delay !== undefined && { [headerNames.delayMs]: delay }),
    },
  }
}

function* partsOf({ log, changeId }: LoggedChanges): Generator<Part> {
  let from = 0
  for (const changes of log.chunks()) {
    yield { changes, changeId, from }
    from += changes.length
  }
}
