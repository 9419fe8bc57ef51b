import type { OutgoingMessage } from './outgoing-message.ts'

/** Of no use to anybody here: no attribute is defined, and all records of a request have its timestamp. */
const attributesAndTimestampBytes = 2
/** Up to here a loop writes faster than the call that writes a string. */
const shortText = 48

/** A request's records as Kafka's record format 2 has them: lengths, keys, values and headers, one after the other. */
export function encodeRecords(messages: readonly OutgoingMessage[]): Buffer {
  const writer = new RecordWriter(messages.reduce((sum, { bytes }) => sum + bytes, 0))
  for (const [index, message] of messages.entries()) writer.record(message, index)
  return writer.written
}

class RecordWriter {
  #buffer: Buffer
  #at = 0

  constructor(expectedBytes: number) {
    this.#buffer = Buffer.allocUnsafe(expectedBytes)
  }

  get written(): Buffer {
    return this.#buffer.subarray(0, this.#at)
  }

  record({ key, value, headers }: OutgoingMessage, offsetDelta: number): void {
    const names = Object.keys(headers)
    const keyBytes = sizeOf(key)
    const valueBytes = sizeOf(value)
    let bytes = attributesAndTimestampBytes + sizeOfInt(offsetDelta)
    bytes += sizeOfInt(keyBytes) + Math.max(0, keyBytes) + sizeOfInt(valueBytes) + Math.max(0, valueBytes)
    bytes += sizeOfInt(names.length)
    for (const name of names) bytes += sizeOfPart(name) + sizeOfPart(headers[name] ?? '')
    this.#reserve(sizeOfInt(bytes) + bytes)
    this.#int(bytes)
    this.#int(0)
    this.#int(0)
    this.#int(offsetDelta)
    this.#part(key, keyBytes)
    this.#part(value, valueBytes)
    this.#int(names.length)
    for (const name of names) {
      const text = headers[name] ?? ''
      this.#part(name, sizeOf(name))
      this.#part(text, sizeOf(text))
    }
  }

  /** The zigzag of what is never negative but for -1, in groups of seven bits, the lowest first. */
  #int(value: number): void {
    let rest = zigzag(value)
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.#buffer[this.#at++] = rest
  }

  #part(part: Buffer | string | null, bytes: number): void {
    this.#int(bytes)
    if (part === null) return
    if (typeof part !== 'string') this.#buffer.set(part, this.#at)
    else if (bytes !== part.length || bytes > shortText) this.#buffer.write(part, this.#at)
    else
      for (let index = 0; index < bytes; index += 1) this.#buffer[this.#at + index] = part.charCodeAt(index)
    this.#at += bytes
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return
    const larger = Buffer.allocUnsafe(2 * (this.#at + bytes))
    this.#buffer.copy(larger, 0, 0, this.#at)
    this.#buffer = larger
  }
}

function zigzag(value: number): number {
  return ((value << 1) ^ (value >> 31)) >>> 0
}

function sizeOfInt(value: number): number {
  const rest = zigzag(value)
  if (rest < 1 << 7) return 1
  if (rest < 1 << 14) return 2
  if (rest < 1 << 21) return 3
  return rest < 1 << 28 ? 4 : 5
}

/** What the length of null is, in Kafka's eyes: -1. */
function sizeOf(part: Buffer | string | null): number {
  if (part === null) return -1
  return typeof part === 'string' ? utf8Bytes(part) : part.length
}

function sizeOfPart(text: string): number {
  const bytes = utf8Bytes(text)
  return sizeOfInt(bytes) + bytes
}

function utf8Bytes(text: string): number {
  if (text.length > shortText) return Buffer.byteLength(text)
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text)
  return text.length
}
