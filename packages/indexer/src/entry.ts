import { decodePayload, headerNames, payloadKey, payloadReferences } from '@kt/core'
import type { Message, Payload } from '@kt/core'

/** One record that a batch names, with all messages that name it. */
export interface Entry {
  readonly id: string
  /** The payload of the last message, with the `references` of all. */
  readonly payload: Payload
  readonly messages: readonly Message[]
}

export interface ParsedBatch {
  readonly entries: readonly Entry[]
  readonly unparseable: readonly Message[]
  /** Messages whose change is indexed already. */
  readonly skipped: number
}

/** Sorts a batch: one entry per record, however many messages name it. */
export function parseBatch(
  messages: readonly Message[],
  isIndexed: (changeId: string, id: string) => boolean,
): ParsedBatch {
  const entries = new Map<string, { id: string; payload: Payload; messages: Message[] }>()
  const unparseable: Message[] = []
  let skipped = 0
  for (const message of messages) {
    const payload = parse(message)
    if (payload === undefined) {
      unparseable.push(message)
      continue
    }
    const id = payloadKey(payload)
    const changeId = message.headers[headerNames.changeId]
    if (isDelayed(message) && changeId !== undefined && isIndexed(changeId, id)) {
      skipped++
      continue
    }
    const entry = entries.get(id)
    if (entry === undefined) entries.set(id, { id, payload, messages: [message] })
    else {
      entry.payload = withReferences(payload, entry.payload)
      entry.messages.push(message)
    }
  }
  return { entries: [...entries.values()], unparseable, skipped }
}

/** Whether a Delayer has re-sent this message. */
export function isDelayed(message: Message): boolean {
  return message.headers[headerNames.delayed] !== undefined
}

function parse(message: Message): Payload | undefined {
  try {
    return decodePayload(message.value)
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
