import type { OutgoingMessage } from './outgoing-message.ts'
import { shortText, sizeOf } from './utf8.ts'

/** Of no use to anybody here: no attribute is defined, and all records of a request have its timestamp. */
const attributesAndTimestampBytes = 2

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

  record(message: OutgoingMessage, offsetDelta: number): void {
    const { key, value, headers, keyBytes, valueBytes } = message
    const names = Object.keys(headers)
    let bytes = attributesAndTimestampBytes + sizeOfInt(offsetDelta)
    bytes += sizeOfInt(keyBytes) + Math.max(0, keyBytes) + sizeOfInt(valueBytes) + Math.max(0, valueBytes)
    bytes += sizeOfInt(names.length)
    // The names' and texts' in turn.
    const sizes: number[] = []
    for (const name of names) {
      const [nameBytes, textBytes] = [sizeOf(name), sizeOf(headers[name] ?? '')]
      sizes.push(nameBytes, textBytes)
      bytes += sizeOfInt(nameBytes) + nameBytes + sizeOfInt(textBytes) + textBytes
    }
    this.#reserve(sizeOfInt(bytes) + bytes)
    this.#int(bytes)
    this.#int(0)
    this.#int(0)
    this.#int(offsetDelta)
    this.#part(key, keyBytes)
    this.#part(value, valueBytes)
    this.#int(names.length)
    for (const [index, name] of names.entries()) {
      this.#part(name, sizes[2 * index] ?? 0)
      this.#part(headers[name] ?? '', sizes[2 * index + 1] ?? 0)
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
