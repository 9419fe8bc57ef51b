import type { Message } from '@kt/core'
import type { MemoryKafka } from '../../src/index.ts'

/** Sends `0`, `1` and so on to `cities`. */
export async function send(kafka: MemoryKafka, count: number, partition = 0): Promise<void> {
  for (let i = 0; i < count; i++) await kafka.producer().produce(String(i), { topic: 'cities', partition })
}

/** The value as text. */
export function text({ value }: Message): string {
  return Buffer.from(value ?? []).toString()
}
