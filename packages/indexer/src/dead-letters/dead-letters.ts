import { errorFields } from '@kt/core'
import { sendDeadLetters } from '@kt/core/internal'
import type { DeadLetterReason, KtErrorCode, Logger, Message, MessageProducer } from '@kt/core'
import type { Entry } from '../entry.ts'

/** Messages that are given up for one reason. */
export interface GivenUp {
  readonly messages: readonly Message[]
  readonly reason: DeadLetterReason & { readonly code: KtErrorCode }
}

/** Why an entry is given up. */
export interface Cause {
  readonly code: KtErrorCode
  readonly attempts: number
  readonly status?: number | undefined
  readonly type?: string | undefined
}

/** Gives up a message whose value is no payload. */
export function unparseable(message: Message): GivenUp {
  return { messages: [message], reason: { code: 'KT_PAYLOAD_INVALID', attempts: 1 } }
}

export function giveUp(entry: Entry, { code, attempts, status, type }: Cause): GivenUp {
  const reason = {
    code,
    attempts,
    id: entry.id,
    ...(status !== undefined && { status }),
    ...(type !== undefined && { type }),
  }
  return { messages: entry.messages, reason }
}

/**
 * Sends messages that can't be indexed to the dead-letter topic. Without a producer, only logs that they are skipped.
 */
export class DeadLetters {
  readonly #producer: MessageProducer | undefined
  readonly #logger: Logger

  constructor(producer: MessageProducer | undefined, logger: Logger) {
    this.#producer = producer
    this.#logger = logger
  }

  /**
   * Resolves when Kafka has acknowledged or permanently refused each dead letter.
   *
   * @throws the producer's errors; the batch is then delivered again
   */
  async send(all: readonly GivenUp[]): Promise<void> {
    if (all.length === 0) return
    if (this.#producer !== undefined) {
      const givenUp = all.flatMap(({ messages, reason }) => messages.map((message) => ({ message, reason })))
      for (const { message, error } of await sendDeadLetters(this.#producer, givenUp)) {
        const { topic, partition, offset } = message
        const place = { topic, partition, offset: String(offset) }
        this.#logger.error('Kafka permanently refused a dead letter: it is lost', {
          ...place,
          ...errorFields(error),
        })
      }
    }
    this.#log(all)
  }

  /** Logs one line per reason: a batch may have a thousand bad documents. */
  #log(all: readonly GivenUp[]): void {
    const what = this.#producer === undefined ? 'skipped' : 'sent to the dead letters'
    for (const [first, ...others] of byReason(all)) {
      const message = first?.messages[0]
      if (first === undefined || message === undefined) continue
      const { topic, partition, offset } = message
      this.#logger.error(`Records that cannot be indexed were ${what}`, {
        ...first.reason,
        topic,
        partition,
        offset: String(offset),
        records: 1 + others.length,
      })
    }
  }
}

function byReason(all: readonly GivenUp[]): Iterable<readonly GivenUp[]> {
  const groups = new Map<string, GivenUp[]>()
  for (const each of all) {
    const { code, status, type } = each.reason
    const kind = [code, status, type].join(' ')
    const group = groups.get(kind)
    if (group === undefined) groups.set(kind, [each])
    else group.push(each)
  }
  return groups.values()
}
