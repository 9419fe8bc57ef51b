import {
  decodeNamed,
  decodePayload,
  hasChanged,
  headerNames,
  isRecordList,
  messagesOfList,
  payloadKey,
  payloadReferences,
} from '@kt/core'
import { isDelayed } from '@kt/core/internal'
import type { Message, Payload, RecordList } from '@kt/core'

/** A record that a batch names, and the messages that name it. */
export interface Entry {
  readonly id: string
  /** The payload of the last message, with the `references` of all messages. */
  readonly payload: Payload
  readonly messages: readonly Message[]
}

/**
 * Decodes the payload on demand, which is rare. Thousands of entries are in flight at a time, and the garbage collector
 * copies everything that they keep.
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
  /** The number of messages whose change is already indexed. */
  readonly skipped: number
  /** The number of messages whose change the documents do not depend on. */
  readonly unread: number
  /** How many messages were parsed. The rest is delivered again. */
  readonly messages: number
}

interface ParseOptions {
  /** Stops at this many entries, and leaves the later messages: each may name a thousand records. */
  readonly limit?: number
  /** The columns that the documents depend on; undefined for all. */
  readonly reads?: ReadonlySet<string> | undefined
}

/**
 * Groups the messages of a batch into one entry per record.
 */
export function parseBatch(
  messages: readonly Message[],
  isIndexed: (changeId: string, id: string) => boolean,
  { limit = Number.POSITIVE_INFINITY, reads }: ParseOptions = {},
): ParsedBatch {
  const entries = new Map<string, NamedRecord>()
  const unparseable: Message[] = []
  let skipped = 0
  let unread = 0
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
    const named = decode(message)
    if (named !== undefined && !hasChanged(message, reads)) unread++
    else if (named === undefined) unparseable.push(message)
    else if (isRecordList(named)) for (const each of messagesOfList(message, named)) add(each.key ?? '', each)
    else add(payloadKey(named), message)
  }
  return { entries: [...entries.values()], unparseable, skipped, unread, messages: count }
}

/** The payload or record list of a message; undefined when its value is neither. */
function decode(message: Message): Payload | RecordList | undefined {
  try {
    return decodeNamed(message.value)
  } catch {
    // It throws only KT_PAYLOAD_INVALID, which has no further details.
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

/** Checks for an own property: the names come from other programs, and `constructor` may be one. */
function idsOf(references: References, name: string): readonly string[] {
  return (Object.hasOwn(references, name) && references[name]) || []
}
