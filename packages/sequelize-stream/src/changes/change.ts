import type { Payload, References } from '@kt/core'

/** Where the changes of a model go. */
export interface Destination {
  readonly topic: string
  readonly delayTopic: string
  /** The table of the records: two models, or two schemas, may share a topic, and have records of the same key. */
  readonly table: string
}

/** One record that a transaction has changed. */
export interface Change {
  /** The record's id as a string: the key of its messages. */
  readonly key: string
  readonly payload: Payload
  /** The payload, encoded, where that is known and it has no references. */
  readonly value?: string | undefined
  /** Foreign keys that it no longer has; they travel in the payload. */
  readonly references: References
}

/** A change on its way out. */
export interface OutgoingChange extends Pick<Destination, 'topic' | 'delayTopic'> {
  readonly key: string
  /** The payload with its references, encoded: both kinds of messages have it. */
  readonly value: string
}
