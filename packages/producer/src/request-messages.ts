import { encodeRecords } from './encode-records.ts'
import type { OutgoingMessage } from './outgoing-message.ts'

/** What kafkajs makes of a record; of all of them it reads these two when it puts the request together. */
interface EncodedRecord {
  readonly buf: Buffer
  readonly buffer: Buffer
}

type Visit<T> = (message: OutgoingMessage, index: number, all: OutgoingMessage[]) => T
type Group<T> = (groups: T, message: OutgoingMessage, index: number, all: OutgoingMessage[]) => T

const noBytes = Buffer.alloc(0)
const nothing: EncodedRecord = { buf: noBytes, buffer: noBytes }

/** The source of the function that has encoded a message of this client as we do, once one has. */
export interface KnownEncoder {
  source?: string
}

/**
 * The messages of a request, to be handed to kafkajs. What it does to them costs more than all else that a message goes
 * through: it groups them by partition with `reduce`, which copies a group for each message in it, and encodes them
 * with `map`, which takes a buffer of half a kilobyte for each record and each header. So both are done here, where
 * kafkajs does on the first message what it is known to do; otherwise it does them all itself.
 */
export class RequestMessages extends Array<OutgoingMessage> {
  #encoder: KnownEncoder = {}

  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  /** @param encoder what is known of the kafkajs client that gets them */
  static holding(messages: readonly OutgoingMessage[], encoder: KnownEncoder): RequestMessages {
    const request = new RequestMessages()
    request.#encoder = encoder
    for (const message of messages) request.push(message)
    return request
  }

  override reduce<T>(group: Group<T>, initial?: T): T {
    const [first] = this
    if (first === undefined || !isGroupOf(first, group({} as T, first, 0, this)))
      return super.reduce(group, initial as T)
    const { assign } = first
    const groups = new Map<number, PartitionMessages>()
    this.forEach((message, index) => {
      // Else in a group of its own, with nothing to copy; the partitioner notes on the message where it goes.
      if (index > 0 && assign !== undefined) message.assigned = assign(message)
      else if (index > 0) group({} as T, message, index, this)
      const mates = groups.get(message.assigned)
      if (mates === undefined) groups.set(message.assigned, PartitionMessages.with(message, this.#encoder))
      else mates.push(message)
    })
    return Object.fromEntries(groups) as T
  }
}

/** The messages of a request for one partition. */
class PartitionMessages extends Array<OutgoingMessage> {
  #encoder: KnownEncoder = {}

  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  static with(message: OutgoingMessage, encoder: KnownEncoder): PartitionMessages {
    const messages = new PartitionMessages()
    messages.#encoder = encoder
    messages.push(message)
    return messages
  }

  override map<T>(visit: Visit<T>): T[] {
    if (!this.#isEncoder(visit)) return super.map(visit)
    const all = encodeRecords(this)
    // The first brings the bytes of all; the others are there to be counted.
    const records = super.map(() => nothing)
    records[0] = { buf: all, buffer: all }
    return records as T[]
  }

  /** kafkajs also has `map` look at other things. */
  #isEncoder(visit: Visit<unknown>): boolean {
    const source = String(visit)
    if (source === this.#encoder.source) return true
    const [first] = this
    if (first === undefined) return false
    const made = visit(first, 0, this)
    if (!isRecord(made) || !encodeRecords([first]).equals(made.buffer)) return false
    this.#encoder.source = source
    return true
  }
}

function isGroupOf(message: OutgoingMessage, groups: unknown): boolean {
  if (typeof groups !== 'object' || groups === null) return false
  const entries: [string, unknown][] = Object.entries(groups)
  const [name, mates] = entries[0] ?? []
  return (
    entries.length === 1 && name === String(message.assigned) && Array.isArray(mates) && mates[0] === message
  )
}

function isRecord(made: unknown): made is EncodedRecord {
  if (typeof made !== 'object' || made === null) return false
  const { buf, buffer } = made as Partial<EncodedRecord>
  return Buffer.isBuffer(buf) && Buffer.isBuffer(buffer)
}
