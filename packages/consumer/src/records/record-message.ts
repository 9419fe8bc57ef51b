import type { FetchedMessage } from './fetched-message.ts'
import { ByteReader } from './byte-reader.ts'

export interface RecordPlace {
  readonly topic: string
  readonly partition: number
  /** What the record lies in; shared by those that were fetched with it. */
  readonly bytes: Buffer
}

const none: Readonly<Record<string, string>> = Object.freeze({})

/**
 * A record as a message that is not read before it is asked for: what waits in a buffer takes few objects then, and few
 * that the garbage collector has to look at.
 */
export class RecordMessage implements FetchedMessage {
  readonly size: number
  readonly #place: RecordPlace
  /** Where the key begins, after which lie the value and the headers. */
  readonly #at: number
  readonly #offset: number
  readonly #timestampMs: number
  #value: Uint8Array | null | undefined

  constructor(place: RecordPlace, at: number, size: number, offset: number, timestampMs: number) {
    this.#place = place
    this.#at = at
    this.size = size
    this.#offset = offset
    this.#timestampMs = timestampMs
  }

  get topic(): string {
    return this.#place.topic
  }

  get partition(): number {
    return this.#place.partition
  }

  get offset(): bigint {
    return BigInt(this.#offset)
  }

  get timestampMs(): number {
    return this.#timestampMs
  }

  get key(): string | null {
    return this.#read().varBytes()?.toString() ?? null
  }

  get value(): Uint8Array | null {
    if (this.#value !== undefined) return this.#value
    const reader = this.#read()
    reader.skipVarBytes()
    return (this.#value = reader.varBytes())
  }

  get headers(): Readonly<Record<string, string>> {
    const reader = this.#read()
    reader.skipVarBytes()
    reader.skipVarBytes()
    const count = reader.varInt()
    if (count <= 0) return none
    const headers = new Map<string, string>()
    for (let index = 0; index < count; index += 1) {
      const name = reader.varString()
      const value = reader.varBytes()
      // Kafka allows a header more than once; the first is the one that its producer set.
      if (value !== null && !headers.has(name)) headers.set(name, value.toString())
    }
    return Object.fromEntries(headers)
  }

  #read(): ByteReader {
    return new ByteReader(this.#place.bytes, this.#at)
  }
}
