import { optionChecker } from '@kt/core/internal'
import type { ProduceOptions } from '@kt/core'

const check = optionChecker('Producer.produce')

/** A copy of a message at the time of the call. */
export interface OutgoingMessage {
  readonly topic: string
  readonly value: Buffer | null
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
  /** The partition, if the caller chose one. */
  readonly partition: number | undefined
}

/**
 * Checks a message as the real Producer does, and copies it through bytes.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function outgoingMessage(value: string | Uint8Array | null, options: ProduceOptions): OutgoingMessage {
  const { key = null, partition, headers = {} } = options
  check.string('topic', options.topic)
  if (partition !== undefined) check.integer('partition', partition, { max: 2_147_483_647 })
  if (key !== null && typeof key !== 'string') check.fail('key', 'a string or null', key)
  return {
    topic: options.topic,
    value: bytesOf(value),
    key: key === null ? null : throughBytes(key),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, header]) => [name, throughBytes(headerText(header))]),
    ),
    partition,
  }
}

function bytesOf(value: unknown): Buffer | null {
  if (value === null) return null
  if (typeof value === 'string' || value instanceof Uint8Array) return Buffer.from(value)
  return check.fail('value', 'a string, a Uint8Array or null', value)
}

function headerText(header: unknown): string {
  return typeof header === 'string' ? header : check.fail('headers', 'an object of strings', header)
}

function throughBytes(text: string): string {
  return Buffer.from(text).toString()
}
