import type { Message } from '../ports/message.ts'
import { headerNames } from '../wire/headers.ts'

/** Our change ids have at most 36 characters. Longer ones, from other programs, must not fill the memory. */
const longestChangeId = 128

/**
 * Remembers the changes that a worker has processed since it started, so that it can skip their delay messages.
 *
 * Remembers only messages that were sent after the commit. A delay message may come due before a frozen writer commits,
 * and the read then does not see the change.
 */
export class ChangeMemory {
  readonly #half: number
  // Two generations, because deleting the oldest of one Set is slow: finding it skips all entries deleted before.
  #young = new Set<string>()
  #old = new Set<string>()

  /** @param capacity the most changes to remember. At least the last `capacity / 2` are remembered. */
  constructor(capacity: number) {
    this.#half = Math.ceil(capacity / 2)
  }

  has(changeId: string, id: string): boolean {
    const key = keyOf(changeId, id)
    return this.#young.has(key) || this.#old.has(key)
  }

  /** Remembers that the record's change was read after these messages were sent, and then processed. */
  remember(id: string, messages: readonly Message[]): void {
    if (this.#half === 0) return
    for (const { headers } of messages) {
      const changeId = headers[headerNames.changeId]
      if (changeId === undefined || changeId.length > longestChangeId || isDelayed(headers)) continue
      this.#add(keyOf(changeId, id))
    }
  }

  #add(key: string): void {
    if (this.#young.size >= this.#half) {
      this.#old = this.#young
      this.#young = new Set()
    }
    this.#young.add(key)
  }
}

/** Whether a Delayer has re-sent the message with these headers. */
export function isDelayed(headers: Message['headers']): boolean {
  return headers[headerNames.delayed] !== undefined
}

function keyOf(changeId: string, id: string): string {
  return `${changeId} ${id}`
}
