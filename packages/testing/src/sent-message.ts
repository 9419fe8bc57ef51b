import type { JsonValue } from '@kt/core'
import type { StoredMessage } from './topic.ts'

/** A message of a topic, decoded for assertions. */
export interface SentMessage {
  readonly partition: number
  readonly offset: bigint
  readonly key: string | null
  /** The parsed JSON, or the text if it is no JSON. */
  readonly value: JsonValue
  readonly headers: Readonly<Record<string, string>>
}

export function toSentMessage({ partition, offset, key, value, headers }: StoredMessage): SentMessage {
  return { partition, offset, key, value: value === null ? null : decoded(value), headers: { ...headers } }
}

function decoded(value: Buffer): JsonValue {
  const text = value.toString()
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}
