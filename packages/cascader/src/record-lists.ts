import type { Payload } from '@kt/core'
import { messageOf, messageOfList } from './target.ts'
import type { OutgoingRecords, Target } from './target.ts'

/** Makes messages of targets: one of each, or of as many as one may name. */
export class RecordLists {
  readonly #size: number
  readonly #ids = new Map<string, Payload['id'][]>()

  /** @param size how many records a message may name */
  constructor(size: number) {
    this.#size = size
  }

  /** Returns a message if this target completes one. */
  add(target: Target): OutgoingRecords | undefined {
    const { topic, payload } = target
    // Of others a list would not tell all.
    if (this.#size === 1 || !isIdAlone(payload)) return messageOf(target)
    const ids = this.#ids.get(topic)
    if (ids === undefined) this.#ids.set(topic, [payload.id])
    else if (ids.push(payload.id) === this.#size) {
      this.#ids.delete(topic)
      return messageOfList(topic, ids)
    }
    return undefined
  }

  /** Returns messages of all targets that are not in one yet. */
  rest(): readonly OutgoingRecords[] {
    const messages = [...this.#ids].map(([topic, ids]) => messageOfList(topic, ids))
    this.#ids.clear()
    return messages
  }
}

/** Without an array of the keys: it is asked for each record. */
function isIdAlone(payload: Payload): boolean {
  for (const key in payload) if (key !== 'id') return false
  return true
}
