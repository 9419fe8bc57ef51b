import {
  decodeNamed,
  decodePayload,
  headerNames,
  isRecordList,
  messagesOfList,
  payloadKey,
  payloadReferences,
} from '@kt/core'
import type { Message, Payload, RecordList } from '@kt/core'

/** One record that a batch names, with all messages that name it. */
export interface Entry {
  readonly id: string
  /** The payload of the last message, with the `references` of all. */
  readonly payload: Payload
  readonly messages: readonly Message[]
}

/**
 * Thousands are under way at a time, and whatever they hold is copied by the garbage collector: what can be made of the
 * messages is made when it is asked for, which is seldom.
 */
class NamedRecord implements Entry {
  readonly id: string
  readonly #first: Message
  #others: Message[] | undefined

  constructor(id: string, message: Message) {
    this.id = id
    this.#first = message
  }

  add(message: Message): void {
    this.#others ??= []
    this.#others.push(message)
  }

  get messages(): readonly Message[] {
    return this.#others === undefined ? [this.#first] : [this.#first, ...this.#others]
  }

  get payload(): Payload {
    return this.messages
      .map(({ value }) => decodePayload(value))
      .reduce((earlier, payload) => withReferences(payload, earlier))
  }
}

export interface ParsedBatch {
  readonly entries: readonly Entry[]
  readonly unparseable: readonly Message[]
  /** Messages whose change is indexed already. */
  readonly skipped: number
  /** So many of the messages these are; the others are for another time. */
  readonly messages: number
}

/**
 * Sorts a batch: one entry per record, however many messages name it.
 *
 * @param limit when there are so many entries, the messages to come are left: one may name a thousand records
 */
export function parseBatch(
  messages: readonly Message[],
  isIndexed: (changeId: string, id: string) => boolean,
  limit: number = Number.POSITIVE_INFINITY,
): ParsedBatch {
  const entries = new Map<string, NamedRecord>()
  const unparseable: Message[] = []
  let skipped = 0
  const add = (id: string, message: Message): void => {
    const { headers } = message
    const changeId = headers[headerNames.changeId]
    if (isDelayed(headers) && changeId !== undefined && isIndexed(changeId, id)) {
      skipped++
      return
    }
    const entry = entries.get(id)
    if (entry === undefined) entries.set(id, new NamedRecord(id, message))
    else entry.add(message)
  }
  let count = 0
  for (; count < messages.length && entries.size < limit; count++) {
    const message = messages[count] as Message
    const named = namedBy(message)
    if (named === undefined) unparseable.push(message)
    else if (isRecordList(named)) for (const each of messagesOfList(message, named)) add(each.key ?? '', each)
    else add(payloadKey(named), message)
  }
  return { entries: [...entries.values()], unparseable, skipped, messages: count }
}

/** Whether a Delayer has re-sent the message that has these headers. */
export function isDelayed(headers: Message['headers']): boolean {
  return headers[headerNames.delayed] !== undefined
}

/** What a message names; undefined when its value is no payload. */
function namedBy(message: Message): Payload | RecordList | undefined {
  try {
    return decodeNamed(message.value)
  } catch {
    // The one thing it throws is KT_PAYLOAD_INVALID, which says no more than that.
    return undefined
  }
}

type References = ReturnType<typeof payloadReferences>

function withReferences(payload: Payload, earlier: Payload): Payload {
  const before = payloadReferences(earlier)
  const now = payloadReferences(payload)
  const names = [...new Set([...Object.keys(before), ...Object.keys(now)])]
  if (names.length === 0) return payload
  const references = Object.fromEntries(
    names.map((name) => [name, [...new Set([...idsOf(before, name), ...idsOf(now, name)])]]),
  )
  return { ...payload, references }
}

/** The names are somebody else's: `constructor` may be among them. */
function idsOf(references: References, name: string): readonly string[] {
  return (Object.hasOwn(references, name) && references[name]) || []
}
