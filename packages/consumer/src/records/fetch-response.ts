import { ByteReader } from './byte-reader.ts'
import { decodeRecordBatches } from './record-batches.ts'
import type { DecodedRecords } from './record-batches.ts'

export interface DecodedResponse {
  /** What kafkajs makes of it. */
  readonly response: object
  readonly partitions: readonly DecodedRecords[]
  /** The different attributes that its batches of records have. */
  readonly kinds: ReadonlySet<number>
}

/**
 * Decodes the response to a fetch, version 11.
 *
 * @throws Error where records are in a format that kafkajs has to read by itself
 */
export async function decodeFetchResponse(bytes: Buffer): Promise<DecodedResponse> {
  const reader = new ByteReader(bytes)
  const clientSideThrottleTime = reader.int32()
  const errorCode = reader.int16()
  const sessionId = reader.int32()
  const kinds = new Set<number>()
  const found: DecodedRecords[] = []
  const responses: object[] = []
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topicName = reader.string()
    const partitions: object[] = []
    for (let left = reader.int32(); left > 0; left -= 1) {
      const header = readPartitionHeader(reader)
      const place = { topic: topicName ?? '', partition: header.partition }
      const decoded = await decodeRecordBatches(readRecords(reader), place, kinds)
      found.push(decoded)
      partitions.push({ ...header, messages: decoded.records })
    }
    responses.push({ topicName, partitions })
  }
  // A broker that throttles has not done so yet: it expects that of the client, and kafkajs reads it so.
  const response = { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses }
  return { response, partitions: found, kinds }
}

function readPartitionHeader(reader: ByteReader) {
  return {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: String(reader.bigInt64()),
    lastStableOffset: String(reader.bigInt64()),
    lastStartOffset: String(reader.bigInt64()),
    abortedTransactions: reader.array(() => ({
      producerId: String(reader.bigInt64()),
      firstOffset: String(reader.bigInt64()),
    })),
    preferredReadReplica: reader.int32(),
  }
}

function readRecords(reader: ByteReader): Buffer {
  const size = Math.max(0, reader.int32())
  const records = reader.bytes.subarray(reader.at, reader.at + size)
  reader.at += size
  if (records.length < size) throw new RangeError('the response ends within the records')
  return records
}
