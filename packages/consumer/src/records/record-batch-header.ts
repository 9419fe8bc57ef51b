import type { ByteReader } from './byte-reader.ts'

export interface RecordBatchHeader {
  readonly attributes: number
  readonly firstOffset: number
  readonly firstTimestamp: number
  /** Of all records, where the broker sets it. */
  readonly appendedAt: number | undefined
  readonly isControlBatch: boolean
  readonly count: number
  /** What kafkajs notes on each record of the batch. */
  readonly context: object
}

const logAppendTime = 0x8
const transactional = 0x10
const control = 0x20

/** What lies before the records of a batch in Kafka's record format 2, from the epoch on. */
export function readRecordBatchHeader(reader: ByteReader, firstOffset: number): RecordBatchHeader {
  const partitionLeaderEpoch = reader.int32()
  const magicByte = reader.int8()
  // A checksum, which kafkajs doesn't check either: TCP has its own.
  reader.int32()
  const attributes = reader.int16()
  const lastOffsetDelta = reader.int32()
  const firstTimestamp = reader.int64()
  const maxTimestamp = reader.int64()
  const isControlBatch = (attributes & control) !== 0
  const isAppendTime = (attributes & logAppendTime) !== 0
  const context = {
    firstOffset: String(firstOffset),
    firstTimestamp: String(firstTimestamp),
    partitionLeaderEpoch,
    inTransaction: (attributes & transactional) !== 0,
    isControlBatch,
    lastOffsetDelta,
    producerId: String(reader.bigInt64()),
    producerEpoch: reader.int16(),
    firstSequence: reader.int32(),
    maxTimestamp: String(maxTimestamp),
    timestampType: isAppendTime ? 1 : 0,
    magicByte,
  }
  const appendedAt = isAppendTime ? maxTimestamp : undefined
  const count = reader.int32()
  return { attributes, firstOffset, firstTimestamp, appendedAt, isControlBatch, count, context }
}
