import type { Message } from '@kt/core'
import type { TestRecord } from '../scope/send.ts'

/** Returns `0`, `1`, `2` and so on. */
export function numbered(count: number, partition = 0): TestRecord[] {
  return Array.from({ length: count }, (_, index) => ({ partition, value: String(index) }))
}

/** Returns the value as text. */
export function text({ value }: Message): string {
  return Buffer.from(value ?? []).toString()
}
