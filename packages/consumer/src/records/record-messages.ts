import type { FetchedMessages } from './fetched-messages.ts'
import { RecordMessage } from './record-message.ts'
import type { RecordPlace } from './record-message.ts'

/** What a message takes in hand beside its bytes, as an object, in bytes: reckoned from its fields, and rounded up. */
const overheadBytes = 64

interface Batch {
  readonly place: RecordPlace
  /** The index of its first record. */
  readonly first: number
}

/** Where the records of a fetch lie. */
export class RecordMessages implements FetchedMessages {
  readonly #batches: Batch[] = []
  /** Of each record, after its length. */
  readonly #starts: number[] = []
  #bytes = 0

  get length(): number {
    return this.#starts.length
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Those that are added from now on lie there. */
  begin(place: RecordPlace): void {
    this.#batches.push({ place, first: this.length })
  }

  /**
   * @param at where the record begins, after its length
   * @param size its length, in bytes
   */
  add(at: number, size: number): void {
    this.#starts.push(at)
    this.#bytes += size + overheadBytes
  }

  slice(from = 0, to: number = this.length): RecordMessage[] {
    const messages: RecordMessage[] = []
    const end = Math.min(to, this.length)
    let batch = this.#batchOf(from)
    for (let index = from; index < end; index += 1) {
      // A batch may be empty: compaction leaves it to show how far its producer has come.
      while (index >= this.#endOf(batch)) batch += 1
      messages.push(this.#message(batch, index))
    }
    return messages
  }

  at(index: number): RecordMessage | undefined {
    return this.slice(index, index + 1)[0]
  }

  #message(batch: number, index: number): RecordMessage {
    const { place } = this.#batches[batch] as Batch
    return new RecordMessage(place, this.#starts[index] as number)
  }

  /** The last batch that begins at the index or before it. Of those of a slow producer each has one record: by halves. */
  #batchOf(index: number): number {
    let low = 0
    let high = this.#batches.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((this.#batches[middle] as Batch).first <= index) low = middle
      else high = middle - 1
    }
    return low
  }

  #endOf(batch: number): number {
    return this.#batches[batch + 1]?.first ?? this.length
  }
}
