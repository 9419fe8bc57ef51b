import { headerNames } from '@kt/core'
import type { Message } from '@kt/core'
import { ChangeMemory, isDelayed, namedKeys } from '@kt/core/internal'

/** Remembers changes whose dependents have been sent, so that their re-sent messages can be skipped. */
export class CascadedChanges {
  readonly #memory: ChangeMemory

  /** @param capacity the most changes to remember */
  constructor(capacity: number) {
    this.#memory = new ChangeMemory(capacity)
  }

  /** Whether a Delayer has re-sent this message, and the dependents of all its changes have been sent. */
  includes(message: Message): boolean {
    const changeId = message.headers[headerNames.changeId]
    if (changeId === undefined || !isDelayed(message.headers)) return false
    const ids = namedKeys(message.value)
    return ids.length > 0 && ids.every((id) => this.#memory.has(changeId, id))
  }

  /** Remembers the changes of these messages. Call it once their dependents have been sent. */
  add(messages: readonly Message[]): void {
    for (const message of messages) {
      if (message.headers[headerNames.changeId] === undefined || isDelayed(message.headers)) continue
      for (const id of namedKeys(message.value)) this.#memory.remember(id, [message])
    }
  }
}
