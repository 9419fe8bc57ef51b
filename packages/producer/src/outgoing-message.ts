import { optionChecker } from '@kt/core'
import type { ProduceOptions } from '@kt/core'
import type { PendingCall } from './pending-call.ts'
import { sizeOf } from './utf8.ts'
import { sizeOfInt, sizeOfPart } from './varint.ts'

const check = optionChecker('Producer.produce')

/** What a record takes at most besides its key, value and headers: its length, and where it stands in a request. */
const mostOverheadBytes = 12
const noHeaders: Readonly<Record<string, string>> = Object.freeze({})

/** A message on its way; it is handed to kafkajs as it is, so that the partitioner can note where it goes. */
export class OutgoingMessage {
  readonly value: Buffer | string | null
  readonly key: string | null
  readonly headers: Record<string, string>
  /** The partition that the caller chose. */
  readonly target: number | undefined
  /** -1 if it is null, as Kafka has it. */
  readonly valueBytes: number
  readonly headerCount: number
  /** What key, value and headers take in a request, each with its length. */
  readonly contentBytes: number
  readonly call: PendingCall
  /** The partition that the partitioner gave it. */
  assigned = -1
  /** How the partitioner, if it was asked about this one, gives partitions to all that share its request. */
  assign: ((message: OutgoingMessage) => number) | undefined

  constructor(value: string | Uint8Array | null, options: ProduceOptions, call: PendingCall) {
    const { key = null } = options
    // A copy: the caller may use the object for the next message, and this one is not written yet.
    const headers = options.headers === undefined ? noHeaders : { ...options.headers }
    this.value = value === null || typeof value === 'string' ? value : asBuffer(value)
    this.key = key
    this.headers = headers
    this.target = options.partition
    this.call = call
    this.valueBytes = sizeOf(this.value)
    let count = 0
    let bytes = sizeOfPart(sizeOf(key)) + sizeOfPart(this.valueBytes)
    for (const name in headers) {
      bytes += sizeOfPart(sizeOf(name)) + sizeOfPart(sizeOf(headers[name] ?? ''))
      count += 1
    }
    this.headerCount = count
    this.contentBytes = bytes + sizeOfInt(count)
  }

  /** How many bytes of a request it takes, or a few more. */
  get bytes(): number {
    return this.contentBytes + mostOverheadBytes
  }
}

/**
 * Checks what a caller produces, before anything of it is sent: kafkajs would fail, or silently mangle, all that
 * shares a request with it.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function checkMessage(value: unknown, options: ProduceOptions): void {
  if (value !== null && typeof value !== 'string' && !(value instanceof Uint8Array))
    check.fail('value', 'a string, a Uint8Array or null', value)
  check.string('topic', options.topic)
  if (options.partition !== undefined) check.integer('partition', options.partition, { max: 2_147_483_647 })
  if (options.key !== undefined && options.key !== null && typeof options.key !== 'string')
    check.fail('key', 'a string or null', options.key)
  if (options.headers === undefined) return
  for (const name in options.headers) {
    const header: unknown = options.headers[name]
    if (typeof header !== 'string') check.fail('headers', 'an object of strings', header)
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
