import { decodeNamed, headerNames, isRecordList, payloadKey } from '@kt/core'
import type { Message } from '@kt/core'
import { ChangeMemory, isDelayed } from '@kt/core/internal'

/** The changes whose dependents have been sent. Their delay messages need not be cascaded again. */
export class CascadedChanges {
  readonly #memory: ChangeMemory

  /** @param capacity the most changes to remember */
  constructor(capacity: number) {
    this.#memory = new ChangeMemory(capacity)
  }

  /** Whether this is a delay message, and all its changes are remembered. */
  includes(message: Message): boolean {
    const changeId = message.headers[headerNames.changeId]
    if (changeId === undefined || !isDelayed(message.headers)) return false
    const ids = idsOf(message)
    return ids.length > 0 && ids.every((id) => this.#memory.has(changeId, id))
  }

  add(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.headers[headerNames.changeId] === undefined || isDelayed(message.headers)) continue
      for (const id of idsOf(message)) this.#memory.remember(id, [message])
    }
  }
}

/** Empty if the value is no payload. */
function idsOf({ value }: Message): readonly string[] {
  try {
    const named = decodeNamed(value)
    return isRecordList(named) ? named.ids.map(String) : [payloadKey(named)]
  } catch {
    return []
  }
}
