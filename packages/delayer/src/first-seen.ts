import type { Message } from '@kt/core'

interface Sighting {
  readonly upTo: bigint
  readonly atMs: number
}

/**
 * When each message that waits in one partition was seen first. Messages come in order, so one entry stands for all
 * that were new at once; those that are done with are forgotten. There are never more entries than one batch has
 * messages.
 */
export class FirstSeen {
  #sightings: Sighting[] = []
  #base: bigint | undefined

  /** Notes a batch: nothing before its first message is waiting any more. */
  note(messages: readonly Message[], nowMs: number): void {
    const first = messages[0]?.offset
    const last = messages.at(-1)?.offset
    if (first === undefined || last === undefined) return
    // Offsets that run backwards belong to a topic that was made anew, or to a batch from before a crash.
    if (this.#base !== undefined && first < this.#base) this.#sightings = []
    this.#base = first
    this.#sightings = this.#sightings.filter(({ upTo }) => upTo >= first)
    const newest = this.#sightings.at(-1)
    if (newest === undefined || newest.upTo < last) this.#sightings.push({ upTo: last, atMs: nowMs })
  }

  /** When the message with this offset, of the batch that was noted last, was seen first. */
  of(offset: bigint): number | undefined {
    return this.#sightings.find(({ upTo }) => upTo >= offset)?.atMs
  }
}
