import type { Message } from '@kt/core'
import type { IHeaders, KafkaMessage } from 'kafkajs'

/** Adapts a message of kafkajs to the port. Converts fields on demand, because most handlers read only a few. */
export class FetchedMessage implements Message {
  readonly topic: string
  readonly partition: number
  readonly #source: KafkaMessage
  #headers: Readonly<Record<string, string>> | undefined

  constructor(topic: string, partition: number, source: KafkaMessage) {
    this.topic = topic
    this.partition = partition
    this.#source = source
  }

  get offset(): bigint {
    return BigInt(this.#source.offset)
  }

  get key(): string | null {
    return this.#source.key?.toString() ?? null
  }

  get value(): Uint8Array | null {
    return this.#source.value
  }

  get timestampMs(): number {
    return Number(this.#source.timestamp)
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= toStrings(this.#source.headers)
    return this.#headers
  }
}

const none: Readonly<Record<string, string>> = Object.freeze({})

function toStrings(headers: IHeaders = none): Readonly<Record<string, string>> {
  let strings: Record<string, string> | undefined
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    const first = Array.isArray(value) ? value.find(isValue) : value
    if (!isValue(first)) continue
    strings ??= {}
    if (name === '__proto__')
      Object.defineProperty(strings, name, { value: first.toString(), enumerable: true })
    else strings[name] = first.toString()
  }
  return strings ?? none
}

/**
 * Kafka allows a header several times, and without a value. For a header named like an inherited property, such as
 * `toString`, kafkajs also returns that property as an earlier value.
 */
function isValue(value: unknown): value is Buffer | string {
  return Buffer.isBuffer(value) || typeof value === 'string'
}
