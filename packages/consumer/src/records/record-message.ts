import type { Message } from '@kt/core'
import type { IHeaders } from 'kafkajs'
import type { ByteReader } from './byte-reader.ts'
import type { RecordBatchHeader } from './record-batch-header.ts'
import type { SameHeaders } from './same-headers.ts'

/** What a record lies in; shared by those of its batch. */
export interface RecordPlace {
  readonly topic: string
  readonly partition: number
  readonly batch: RecordBatchHeader
  /** Of the batch's records. All of them use it, one after the other: one for each look would be as much as all else. */
  readonly reader: ByteReader
  readonly headers: SameHeaders
}

/** What kafkajs makes of a record. */
export interface KafkajsRecord {
  readonly magicByte: number
  readonly attributes: number
  readonly timestamp: string
  readonly offset: string
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: IHeaders
  readonly isControlRecord: boolean
  readonly batchContext: object
}

export const attributesBytes = 1

/**
 * A record as a message that is read whenever it is asked for, and keeps nothing: what waits for its batch to be done
 * takes few objects then, and few that the garbage collector has to look at.
 */
export class RecordMessage implements Message {
  readonly #place: RecordPlace
  /** Where it begins, after its length. */
  readonly #at: number

  constructor(place: RecordPlace, at: number) {
    this.#place = place
    this.#at = at
  }

  get topic(): string {
    return this.#place.topic
  }

  get partition(): number {
    return this.#place.partition
  }

  get offset(): bigint {
    return BigInt(this.#offset())
  }

  get timestampMs(): number {
    const { appendedAt, firstTimestamp } = this.#place.batch
    return appendedAt ?? firstTimestamp + this.#fromDeltas().varLong()
  }

  get key(): string | null {
    return this.#fromKey().varBytes()?.toString() ?? null
  }

  get value(): Uint8Array | null {
    const reader = this.#fromKey()
    reader.skipVarBytes()
    return reader.varBytes()
  }

  get headers(): Readonly<Record<string, string>> {
    const reader = this.#fromKey()
    reader.skipVarBytes()
    reader.skipVarBytes()
    return this.#place.headers.read(reader)
  }

  /** The same as kafkajs has it. */
  toKafkajs(): KafkajsRecord {
    const { batch } = this.#place
    const timestamp = String(this.timestampMs)
    const offset = String(this.#offset())
    const reader = this.#fromKey()
    return {
      magicByte: 2,
      attributes: reader.bytes.readInt8(this.#at),
      timestamp,
      offset,
      key: reader.varBytes(),
      value: reader.varBytes(),
      headers: kafkajsHeaders(reader),
      isControlRecord: batch.isControlBatch,
      batchContext: batch.context,
    }
  }

  #offset(): number {
    const reader = this.#fromDeltas()
    reader.skipVarInt()
    return this.#place.batch.firstOffset + reader.varInt()
  }

  #fromKey(): ByteReader {
    const reader = this.#fromDeltas()
    reader.skipVarInt()
    reader.skipVarInt()
    return reader
  }

  /** From the distance of its timestamp from the batch's first one on, after which lies that of its offset. */
  #fromDeltas(): ByteReader {
    const { reader } = this.#place
    reader.at = this.#at + attributesBytes
    return reader
  }
}

function kafkajsHeaders(reader: ByteReader): Record<string, Buffer | Buffer[]> {
  const count = reader.varInt()
  if (count <= 0) return {}
  const headers = new Map<string, Buffer | Buffer[]>()
  for (let index = 0; index < count; index += 1) {
    const name = reader.varString()
    const value = reader.varBytes() as Buffer
    const former = headers.get(name)
    headers.set(name, former === undefined ? value : [former, value].flat())
  }
  return Object.fromEntries(headers)
}
