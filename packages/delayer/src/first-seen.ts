import type { Message } from '@kt/core'

interface Sighting {
  readonly upTo: bigint
  readonly atMs: number
}

/**
 * Remembers when each waiting message of one partition was first seen. Messages arrive in order, so one entry covers
 * all messages that were new at once. Entries of finished messages are dropped. There are never more entries than
 * messages in a batch.
 */
export class FirstSeen {
  #sightings: Sighting[] = []
  #base: bigint | undefined

  /** Records a batch. Messages before its first one are no longer waiting. */
  note(messages: readonly Message[], nowMs: number): void {
    const first = messages[0]?.offset
    const last = messages.at(-1)?.offset
    if (first === undefined || last === undefined) return
    // Offsets go backwards when a topic was recreated, or a batch is read again after a crash.
    if (this.#base !== undefined && first < this.#base) this.#sightings = []
    this.#base = first
    this.#sightings = this.#sightings.filter(({ upTo }) => upTo >= first)
    const newest = this.#sightings.at(-1)
    if (newest === undefined || newest.upTo < last) this.#sightings.push({ upTo: last, atMs: nowMs })
  }

  /** When the message with this offset, of the last recorded batch, was first seen. */
  of(offset: bigint): number | undefined {
    return this.#sightings.find(({ upTo }) => upTo >= offset)?.atMs
  }
}
