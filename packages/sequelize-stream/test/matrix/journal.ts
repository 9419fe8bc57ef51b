import { decodeDelayMessage, decodePayload, headerNames, isRecordList } from '@kt/core'
import type { MessageBatch, MessageProducer, Payload, ProduceOptions } from '@kt/core'
import type { Dump } from './tables.ts'

export interface ToldChange {
  readonly table: string
  readonly key: string
  readonly payload: Payload
  readonly headers: Readonly<Record<string, string>>
}

export type JournalEvent =
  | { readonly kind: 'commit' }
  | {
      readonly kind: 'delay' | 'instant'
      /** The common part of both kinds of messages of one transaction. */
      readonly changeId: string
      readonly changes: readonly ToldChange[]
      /** What another connection saw when the messages were sent, and when they were acknowledged. */
      readonly seen: readonly [Dump | undefined, Dump | undefined]
    }

const delayTopic = 'delay_5m'

/** A producer that records when messages came relative to COMMIT, and what was committed by then. */
export class Journal implements MessageProducer {
  readonly #look: () => Promise<Dump>
  readonly #commits: RegExp
  #events: JournalEvent[] = []
  /** Whether other connections are locked out, so that nothing can be read. */
  isBlind = false

  /**
   * @param look reads the database from another connection
   * @param commits matches statements that commit
   */
  constructor(look: () => Promise<Dump>, commits: RegExp) {
    this.#look = look
    this.#commits = commits
  }

  /** Records a statement right before it is executed. */
  readonly log = (sql: string): void => {
    if (this.#commits.test(sql)) this.#events.push({ kind: 'commit' })
  }

  async produce(value: string | Uint8Array | null, options: ProduceOptions): Promise<void> {
    await this.batch((batch) => batch.produce(value, options))
  }

  async batch<T>(fill: (batch: MessageBatch) => T | Promise<T>): Promise<T> {
    const changes: ToldChange[] = []
    const topics = new Set<string>()
    const result = await fill({
      produce: (value, { topic, key, headers = {} }) => {
        const isDelay = topic === delayTopic
        const { payload, topic: table } = isDelay
          ? decodeDelayMessage(value)
          : { payload: decodePayload(value), topic }
        if (isRecordList(payload)) throw new Error('A list, though the partitions are not known')
        topics.add(topic)
        changes.push({ table, key: key ?? '', payload, headers })
      },
    })
    const kind = topics.has(delayTopic) ? 'delay' : 'instant'
    const handedOver = await this.#see()
    // The last part counts the sends of one transaction.
    const changeId = (changes[0]?.headers[headerNames.changeId] ?? '').replace(/\.\d+$/, '')
    // An instant message counts from when it is sent, and a delay message from when it is acknowledged.
    const seen = [handedOver, kind === 'delay' ? await this.#see() : handedOver] as const
    this.#events.push({ kind, changeId, changes, seen })
    return result
  }

  /** Returns the events since the last call. */
  take(): readonly JournalEvent[] {
    const events = this.#events
    this.#events = []
    return events
  }

  async #see(): Promise<Dump | undefined> {
    return this.isBlind ? undefined : this.#look()
  }
}

/** Returns the changes in messages of one kind. */
export function changesIn(events: readonly JournalEvent[], kind: 'delay' | 'instant'): readonly ToldChange[] {
  return events.flatMap((event) => (event.kind === kind ? event.changes : []))
}
