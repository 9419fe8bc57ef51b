import { ByteReader } from './byte-reader.ts'
import { readPartitionHeader, readRecords } from './fetch-response.ts'
import { batchOverheadBytes } from './record-batches.ts'

/** So many records of a batch show what kafkajs makes of them. */
const sampleCount = 10
const topicsAt = 10
const sizeBytes = 4
const batchSizeAt = 8
const batchAttributesAt = 21
const batchCountAt = 57
const batchRecordsAt = 61
const codecMask = 0x07

/**
 * A response to a fetch with few of its records: of all batches the first with each of these attributes, and of that,
 * where it isn't compressed, the first records. What is decoded only to be compared must be little, or the first fetch
 * of a process takes as long as a hundred others.
 */
export function responseSample(response: Buffer, kinds: Iterable<number>): Buffer {
  const wanted = new Set(kinds)
  const reader = new ByteReader(response, topicsAt)
  const parts: Buffer[] = []
  let from = 0
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    reader.string()
    for (let partitions = reader.int32(); partitions > 0; partitions -= 1) {
      readPartitionHeader(reader)
      parts.push(response.subarray(from, reader.at))
      const records = recordsSample(readRecords(reader), wanted)
      const size = Buffer.alloc(sizeBytes)
      size.writeInt32BE(records.length)
      parts.push(size, records)
      from = reader.at
    }
  }
  return Buffer.concat([...parts, response.subarray(from)])
}

/** @param wanted loses what is found */
function recordsSample(bytes: Buffer, wanted: Set<number>): Buffer {
  const batches: Buffer[] = []
  for (let at = 0; bytes.length - at >= batchOverheadBytes;) {
    const end = at + batchSizeAt + sizeBytes + bytes.readInt32BE(at + batchSizeAt)
    if (end > bytes.length) break
    const batch = bytes.subarray(at, end)
    if (wanted.delete(batch.readInt16BE(batchAttributesAt))) batches.push(beginning(batch))
    at = end
  }
  return Buffer.concat(batches)
}

function beginning(batch: Buffer): Buffer {
  const isCompressed = (batch.readInt16BE(batchAttributesAt) & codecMask) !== 0
  if (isCompressed || batch.readInt32BE(batchCountAt) <= sampleCount) return batch
  const reader = new ByteReader(batch, batchRecordsAt)
  for (let index = 0; index < sampleCount; index += 1) reader.skipVarBytes()
  const cut = Buffer.from(batch.subarray(0, reader.at))
  cut.writeInt32BE(cut.length - batchSizeAt - sizeBytes, batchSizeAt)
  cut.writeInt32BE(sampleCount, batchCountAt)
  return cut
}
