import { headerNames } from '@kt/core'
import type { Message } from '@kt/core'
import { isDelayed } from './entry.ts'

/** Ours have 36 characters at most; a stranger's must not fill the memory. */
const longestChangeId = 128

/**
 * Which changes this worker has indexed since it started, so that their delay messages need not be indexed again.
 *
 * Only messages that were sent after the commit are remembered. A delay message may have come due before a frozen
 * writer committed, and what was read then did not show the change.
 */
export class ChangeMemory {
  readonly #half: number
  // Two generations rather than one Set whose oldest is deleted: finding it means skipping all that were deleted.
  #young = new Set<string>()
  #old = new Set<string>()

  /** @param capacity the most changes to remember; at least the last half of them are. */
  constructor(capacity: number) {
    this.#half = Math.ceil(capacity / 2)
  }

  has(changeId: string, id: string): boolean {
    const key = keyOf(changeId, id)
    return this.#young.has(key) || this.#old.has(key)
  }

  /** Notes that the record with this id was read after these messages were sent, and indexed. */
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

function keyOf(changeId: string, id: string): string {
  return `${changeId} ${id}`
}
