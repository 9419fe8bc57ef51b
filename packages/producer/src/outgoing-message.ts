import { optionChecker } from '@kt/core/internal'
import type { ProduceOptions } from '@kt/core'
import type { Message } from 'kafkajs'

const check = optionChecker('Producer.produce')

/** Allowance for Kafka's own fields, and for headers that an APM agent adds to a message. */
const overheadBytes = 256

/** A copy of the message at the time of the call. */
export interface OutgoingMessage {
  readonly value: Buffer | string | null
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
  /** The partition, if the caller chose one. */
  readonly partition: number | undefined
  /** The estimated number of bytes that it adds to a request. */
  readonly bytes: number
}

/**
 * Checks and copies a message. An invalid message would fail all others of its request, and the caller may reuse the
 * headers.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function outgoingMessage(value: string | Uint8Array | null, options: ProduceOptions): OutgoingMessage {
  checkMessage(value, options)
  const { key = null, partition } = options
  const headers = { ...options.headers }
  let bytes = overheadBytes + byteLength(value) + byteLength(key)
  for (const name of Object.keys(headers))
    bytes += byteLength(name) + byteLength(checkedHeader(headers[name]))
  return { value: value instanceof Uint8Array ? asBuffer(value) : value, key, headers, partition, bytes }
}

/** Creates a new object for each attempt, because APM agents modify and keep the objects passed to kafkajs. */
export function kafkaMessage({ value, key, headers, partition }: OutgoingMessage): Message {
  return { value, key, headers: { ...headers }, ...(partition !== undefined && { partition }) }
}

function checkMessage(value: unknown, options: ProduceOptions): void {
  if (value !== null && typeof value !== 'string' && !(value instanceof Uint8Array))
    check.fail('value', 'a string, a Uint8Array or null', value)
  check.string('topic', options.topic)
  if (options.partition !== undefined) check.integer('partition', options.partition, { max: 2_147_483_647 })
  if (options.key !== undefined && options.key !== null && typeof options.key !== 'string')
    check.fail('key', 'a string or null', options.key)
}

function checkedHeader(header: unknown): string {
  return typeof header === 'string' ? header : check.fail('headers', 'an object of strings', header)
}

function byteLength(part: string | Uint8Array | null): number {
  return part === null ? 0 : Buffer.byteLength(part)
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
