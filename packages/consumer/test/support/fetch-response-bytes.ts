import { gzipSync } from 'node:zlib'

export interface RecordInput {
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly timestampDelta?: number
  readonly headers?: readonly (readonly [name: string, value: Buffer | null])[]
}

export interface BatchInput {
  readonly firstOffset: number
  readonly attributes: number
  readonly records: readonly RecordInput[]
}

/** A batch of records in format 2, as a broker stores it, but for its checksum. */
export function recordBatch({ firstOffset, attributes, records }: BatchInput): Buffer {
  const plain = Buffer.concat(records.map(recordBytes))
  const body = Buffer.concat([
    int32(3),
    Buffer.from([2]),
    int32(0),
    int16(attributes),
    int32(Math.max(0, records.length - 1)),
    int64(1_700_000_000_000),
    int64(1_700_000_000_999),
    int64(41),
    int16(5),
    int32(6),
    int32(records.length),
    attributes % 8 === 1 ? gzipSync(plain) : plain,
  ])
  return Buffer.concat([int64(firstOffset), int32(body.length), body])
}

export interface ResponseInput {
  /** So many bytes are missing at the end of the records, but never the first. @defaultValue 0 */
  readonly cut?: number
  /** Whether a transaction was aborted, none of whose records are here. @defaultValue false */
  readonly hasAborted?: boolean
}

/** A broker's response to a fetch of one topic, version 11. */
export function fetchResponse(
  partitions: readonly Buffer[],
  { cut = 0, hasAborted = false }: ResponseInput = {},
): Buffer {
  const parts = partitions.map((records, partition) => {
    const fetched = records.subarray(0, Math.max(20, records.length - cut))
    const aborted = hasAborted ? [int32(1), int64(9), int64(2)] : [int32(0)]
    const header = [int32(partition), int16(0), int64(100), int64(90), int64(1), ...aborted, int32(-1)]
    return Buffer.concat([...header, int32(fetched.length), fetched])
  })
  const topic = Buffer.from('topic')
  const topics = [int32(1), int16(topic.length), topic, int32(parts.length), ...parts]
  return Buffer.concat([int32(10), int16(0), int32(77), ...topics])
}

function recordBytes(record: RecordInput, index: number): Buffer {
  const { key, value, timestampDelta = 0, headers = [] } = record
  const body = Buffer.concat([
    Buffer.from([0]),
    varInt(timestampDelta),
    varInt(index),
    varBytes(key),
    varBytes(value),
    varInt(headers.length),
    ...headers.flatMap(([name, content]) => [varBytes(Buffer.from(name)), varBytes(content)]),
  ])
  return Buffer.concat([varInt(body.length), body])
}

function varBytes(content: Buffer | null): Buffer {
  return content === null ? varInt(-1) : Buffer.concat([varInt(content.length), content])
}

function varInt(value: number): Buffer {
  const bytes: number[] = []
  let rest = value < 0 ? -2n * BigInt(value) - 1n : 2n * BigInt(value)
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80)
  return Buffer.from([...bytes, Number(rest)])
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}

function int64(value: number): Buffer {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt(value))
  return bytes
}
