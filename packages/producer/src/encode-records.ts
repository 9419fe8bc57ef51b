import type { OutgoingMessage } from './outgoing-message.ts'
import { shortText } from './utf8.ts'
import { sizeOfInt, zigzag } from './varint.ts'

/** Of no use to anybody here: no attribute is defined, and all records of a request have its timestamp. */
const attributesAndTimestampBytes = 2

/** A request's records as Kafka's record format 2 has them: lengths, keys, values and headers, one after the other. */
export function encodeRecords(messages: readonly OutgoingMessage[]): Buffer {
  let bytes = 0
  // An iterator of a class of arrays of our own takes an object for each step.
  messages.forEach((message) => (bytes += message.bytes))
  const writer = new RecordWriter(bytes)
  messages.forEach((message, index) => writer.record(message, index))
  return writer.written
}

class RecordWriter {
  readonly #buffer: Buffer
  #at = 0

  constructor(bytes: number) {
    this.#buffer = Buffer.allocUnsafe(bytes)
  }

  get written(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  record(message: OutgoingMessage, offsetDelta: number): void {
    const { key, value, valueBytes, headers, headerCount } = message
    this.#int(attributesAndTimestampBytes + sizeOfInt(offsetDelta) + message.contentBytes)
    this.#int(0)
    this.#int(0)
    this.#int(offsetDelta)
    if (key === null) this.#int(-1)
    else this.#text(key)
    if (typeof value === 'string') this.#sizedText(value, valueBytes)
    else this.#bytes(value)
    this.#int(headerCount)
    for (const name in headers) {
      this.#text(name)
      this.#text(headers[name] ?? '')
    }
  }

  #int(value: number): void {
    let rest = zigzag(value)
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#at++] = rest
  }

  #bytes(bytes: Buffer | null): void {
    this.#int(bytes === null ? -1 : bytes.length)
    if (bytes === null) return
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  /** Most texts are short and ASCII, which shows only in the course of writing them. */
  #text(text: string): void {
    const { length } = text
    const start = this.#at
    if (length > shortText) return this.#sizedText(text, Buffer.byteLength(text))
    this.#int(length)
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index)
      if (code > 0x7f) {
        this.#at = start
        return this.#sizedText(text, Buffer.byteLength(text))
      }
      this.#buffer[this.#at + index] = code
    }
    this.#at += length
  }

  #sizedText(text: string, bytes: number): void {
    this.#int(bytes)
    // One byte for each unit: it is ASCII.
    this.#buffer.write(text, this.#at, bytes === text.length ? 'latin1' : 'utf8')
    this.#at += bytes
  }
}
