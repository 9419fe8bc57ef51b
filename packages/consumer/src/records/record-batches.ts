import { ByteReader } from './byte-reader.ts'
import { decompressed } from './compression.ts'
import { readRecordBatchHeader } from './record-batch-header.ts'
import { attributesBytes } from './record-message.ts'
import type { RecordPlace } from './record-message.ts'
import { RecordMessages } from './record-messages.ts'
import { SameHeaders } from './same-headers.ts'

/** The records of one partition. */
export interface DecodedRecords {
  readonly messages: RecordMessages
  /** Whether some are not for handlers, but mark the ends of transactions. */
  readonly hasMarkers: boolean
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** What lies before the records of a batch, as far as kafkajs asks for it. */
export const batchOverheadBytes = 49
const magicAt = 16

/**
 * Decodes the records that a fetch brought of one partition, as far as it takes to find them.
 *
 * @param kinds takes the attributes of the batches
 * @throws Error where they are in a format that kafkajs has to read by itself
 */
export async function decodeRecordBatches(
  bytes: Buffer,
  { topic, partition }: TopicPartition,
  kinds: Set<number>,
): Promise<DecodedRecords> {
  const messages = new RecordMessages()
  let hasMarkers = false
  const reader = new ByteReader(bytes)
  while (bytes.length - reader.at >= batchOverheadBytes) {
    if (bytes[reader.at + magicAt] !== 2) throw new Error('not of record format 2')
    const firstOffset = reader.int64()
    const end = reader.int32() + reader.at
    // The last one is cut off where the limit of a fetch lies within it.
    if (end > bytes.length) break
    const batch = readRecordBatchHeader(reader, firstOffset)
    kinds.add(batch.attributes)
    hasMarkers ||= batch.isControlBatch
    const records = await decompressed(bytes.subarray(reader.at, end), batch.attributes)
    findRecords(
      { topic, partition, batch, reader: new ByteReader(records), headers: new SameHeaders() },
      messages,
    )
    reader.at = end
  }
  return { messages, hasMarkers }
}

function findRecords(place: RecordPlace, messages: RecordMessages): void {
  const { reader } = place
  messages.begin(place)
  for (let { count } = place.batch; count > 0; count -= 1) {
    const size = reader.varInt()
    const { at } = reader
    messages.add(at, size)
    // What is too large a number for us must be found before anybody reads it.
    reader.at += attributesBytes
    reader.varLong()
    reader.at = at + size
  }
  if (reader.at > reader.bytes.length) throw new RangeError('the batch ends within its records')
}
