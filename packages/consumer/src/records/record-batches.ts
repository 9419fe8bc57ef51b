import type { IHeaders } from 'kafkajs'
import { ByteReader } from './byte-reader.ts'
import { decompressed } from './compression.ts'
import { readRecordBatchHeader } from './record-batch-header.ts'
import type { RecordBatchHeader } from './record-batch-header.ts'
import { RecordMessage } from './record-message.ts'

/** What kafkajs makes of a record. */
interface KafkajsRecord {
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

/** The records of one partition, as kafkajs has them and as we have them. */
export interface DecodedRecords {
  readonly records: KafkajsRecord[]
  readonly messages: RecordMessage[]
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** What a message takes beside its bytes, as an object, in bytes: reckoned from its fields, and rounded up. */
const overheadBytes = 120
const batchOverheadBytes = 49
const magicAt = 16

/**
 * Decodes the records that a fetch brought of one partition, each twice: small and unread for us, and for kafkajs, which
 * looks at each.
 *
 * @param kinds takes the attributes of the batches
 * @throws Error where they are in a format that kafkajs has to read by itself
 */
export async function decodeRecordBatches(
  bytes: Buffer,
  of: TopicPartition,
  kinds: Set<number>,
): Promise<DecodedRecords> {
  const decoded: DecodedRecords = { records: [], messages: [] }
  const reader = new ByteReader(bytes)
  while (bytes.length - reader.at >= batchOverheadBytes) {
    if (bytes[reader.at + magicAt] !== 2) throw new Error('not of record format 2')
    const firstOffset = reader.int64()
    const end = reader.int32() + reader.at
    // The last one is cut off where the limit of a fetch lies within it.
    if (end > bytes.length) break
    const header = readRecordBatchHeader(reader, firstOffset)
    kinds.add(header.attributes)
    const records = await decompressed(bytes.subarray(reader.at, end), header.attributes)
    decodeRecords(records, header, of, decoded)
    reader.at = end
  }
  return decoded
}

function decodeRecords(
  bytes: Buffer,
  header: RecordBatchHeader,
  { topic, partition }: TopicPartition,
  { records, messages }: DecodedRecords,
): void {
  const { count, firstOffset, firstTimestamp, appendedAt, isControlBatch, context } = header
  const place = { topic, partition, bytes }
  const reader = new ByteReader(bytes)
  for (let index = 0; index < count; index += 1) {
    const size = reader.varInt()
    const attributes = reader.int8()
    const timestampDelta = reader.varLong()
    const timestampMs = appendedAt ?? firstTimestamp + timestampDelta
    const offset = firstOffset + reader.varInt()
    messages.push(new RecordMessage(place, reader.at, size + overheadBytes, offset, timestampMs))
    records.push({
      magicByte: 2,
      attributes,
      timestamp: String(timestampMs),
      offset: String(offset),
      key: reader.varBytes(),
      value: reader.varBytes(),
      headers: readHeaders(reader),
      isControlRecord: isControlBatch,
      batchContext: context,
    })
  }
}

function readHeaders(reader: ByteReader): Record<string, Buffer | Buffer[]> {
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
