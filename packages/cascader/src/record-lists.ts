import type { Payload } from '@kt/core'
import { messageOf, messageOfList } from './target.ts'
import type { OutgoingRecords, Target } from './target.ts'

/** Makes messages of targets: one for each target, or one for up to `size` targets of a topic. */
export class RecordLists {
  readonly #size: number
  readonly #ids = new Map<string, Payload['id'][]>()

  /** @param size the most records that a message names */
  constructor(size: number) {
    this.#size = size
  }

  /** @returns a message if this target completes one */
  add(target: Target): OutgoingRecords | undefined {
    const { topic, payload } = target
    // A list contains only ids, so targets with more in their payload get their own message.
    if (this.#size === 1 || !isIdAlone(payload)) return messageOf(target)
    const ids = this.#ids.get(topic)
    if (ids === undefined) this.#ids.set(topic, [payload.id])
    else if (ids.push(payload.id) === this.#size) {
      this.#ids.delete(topic)
      return messageOfList(topic, ids)
    }
    return undefined
  }

  /** @returns messages for all targets that are not in a message yet */
  rest(): readonly OutgoingRecords[] {
    const messages = [...this.#ids].map(([topic, ids]) => messageOfList(topic, ids))
    this.#ids.clear()
    return messages
  }
}

/** Avoids an array of the keys, because it is called for each record. */
function isIdAlone(payload: Payload): boolean {
  for (const key in payload) if (key !== 'id') return false
  return true
}
