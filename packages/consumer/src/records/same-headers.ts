import type { ByteReader } from './byte-reader.ts'

type Headers = Readonly<Record<string, string>>

const none: Headers = Object.freeze({})

/**
 * The headers of the records of one batch. Those that follow each other often have the same, such as all that a cascade
 * names, and each is asked for them several times: bytes that are the same again are not decoded again.
 */
export class SameHeaders {
  #from = 0
  #end = 0
  #headers = none

  /** @param reader stands before the number of the headers. Always the same bytes, from the first call on. */
  read(reader: ByteReader): Headers {
    const { bytes, at } = reader
    if (this.#areAt(bytes, at)) return this.#headers
    const headers = decode(reader)
    this.#from = at
    this.#end = reader.at
    this.#headers = headers
    return headers
  }

  /** Headers say where they end, so equal bytes are equal headers whatever comes after them. */
  #areAt(bytes: Buffer, at: number): boolean {
    const length = this.#end - this.#from
    if (length === 0) return false
    for (let index = 0; index < length; index += 1)
      if (bytes[at + index] !== bytes[this.#from + index]) return false
    return true
  }
}

/** Frozen: several messages may have them. */
function decode(reader: ByteReader): Headers {
  const count = reader.varInt()
  if (count <= 0) return none
  // What most messages have needs no look at what was there before it.
  if (count === 1) return oneHeader(reader)
  const headers = new Map<string, string>()
  for (let index = 0; index < count; index += 1) {
    const name = reader.varString()
    const value = reader.varBytes()
    // Kafka allows a header more than once; the first is the one that its producer set.
    if (value !== null && !headers.has(name)) headers.set(name, value.toString())
  }
  return Object.freeze(Object.fromEntries(headers))
}

function oneHeader(reader: ByteReader): Headers {
  const name = reader.varString()
  const value = reader.varBytes()
  return value === null ? none : Object.freeze({ [name]: value.toString() })
}
