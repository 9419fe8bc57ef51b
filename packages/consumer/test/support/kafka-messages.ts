import type { RecordBatchEntry } from 'kafkajs'

/** Builds messages with these offsets. */
export function kafkaMessages(...offsets: readonly number[]): RecordBatchEntry[] {
  return offsets.map((offset) => ({
    key: null,
    value: null,
    timestamp: '0',
    offset: String(offset),
    attributes: 0,
    headers: {},
  }))
}
