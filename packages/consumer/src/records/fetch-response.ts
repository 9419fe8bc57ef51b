import { ByteReader } from './byte-reader.ts'
import { decodeRecordBatches } from './record-batches.ts'
import { kafkajsRecords } from './kafkajs-records.ts'
import type { KafkajsRecord } from './record-message.ts'
import type { RecordMessages } from './record-messages.ts'

/** The records of one partition, as kafkajs has them and as we have them. */
interface DecodedPartition {
  readonly records: readonly KafkajsRecord[]
  readonly messages: RecordMessages
}

export interface KafkajsResponse {
  readonly responses: readonly {
    readonly topicName: string | null
    readonly partitions: readonly { readonly messages: readonly KafkajsRecord[] }[]
  }[]
}

export interface DecodedResponse {
  /** What kafkajs makes of it. */
  readonly response: KafkajsResponse
  readonly partitions: readonly DecodedPartition[]
  /** The different attributes that its batches of records have. */
  readonly kinds: ReadonlySet<number>
}

interface PartitionHeader {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: string
  readonly lastStableOffset: string
  readonly lastStartOffset: string
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[]
  readonly preferredReadReplica: number
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
  const found: DecodedPartition[] = []
  const responses: KafkajsResponse['responses'][number][] = []
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topicName = reader.string()
    const partitions: { messages: readonly KafkajsRecord[] }[] = []
    for (let left = reader.int32(); left > 0; left -= 1) {
      const header = readPartitionHeader(reader)
      const place = { topic: topicName ?? '', partition: header.partition }
      const { messages, hasMarkers } = await decodeRecordBatches(readRecords(reader), place, kinds)
      const isPlain = !hasMarkers && header.abortedTransactions.length === 0
      const records = isPlain
        ? kafkajsRecords(messages)
        : messages.slice().map((message) => message.toKafkajs())
      found.push({ records, messages })
      partitions.push({ ...header, messages: records })
    }
    responses.push({ topicName, partitions })
  }
  // A broker that throttles has not done so yet: it expects that of the client, and kafkajs reads it so.
  const response = { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses }
  return { response, partitions: found, kinds }
}

/** What lies before the size of a partition's records. */
export function readPartitionHeader(reader: ByteReader): PartitionHeader {
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

/** They are a view. */
export function readRecords(reader: ByteReader): Buffer {
  const size = Math.max(0, reader.int32())
  const records = reader.bytes.subarray(reader.at, reader.at + size)
  reader.at += size
  if (records.length < size) throw new RangeError('the response ends within the records')
  return records
}
