import type { Message } from '@kt/core'
import type { IHeaders, KafkaMessage } from 'kafkajs'

/** A message that kafkajs has decoded, as the port has it. What few handlers look at is converted when asked for. */
export class KafkajsMessage implements Message {
  readonly topic: string
  readonly partition: number
  readonly value: Uint8Array | null
  readonly #raw: KafkaMessage
  #headers: Readonly<Record<string, string>> | undefined

  constructor(topic: string, partition: number, raw: KafkaMessage) {
    this.topic = topic
    this.partition = partition
    this.value = raw.value
    this.#raw = raw
  }

  get offset(): bigint {
    return BigInt(this.#raw.offset)
  }

  get key(): string | null {
    return this.#raw.key === null ? null : this.#raw.key.toString()
  }

  get timestampMs(): number {
    return Number(this.#raw.timestamp)
  }

  get headers(): Readonly<Record<string, string>> {
    this.#headers ??= toStrings(this.#raw.headers)
    return this.#headers
  }
}

const none: Readonly<Record<string, string>> = Object.freeze({})

function toStrings(headers: IHeaders | undefined): Readonly<Record<string, string>> {
  const names = Object.keys(headers ?? none)
  if (headers === undefined || names.length === 0) return none
  const strings: [string, string][] = []
  for (const name of names) {
    // Kafka allows a header more than once; the first is the one that its producer set.
    const first = [headers[name]].flat().find((value) => value !== undefined && value !== null)
    if (first !== undefined) strings.push([name, first.toString()])
  }
  return Object.freeze(Object.fromEntries(strings))
}
