import type { Payload, References } from '@kt/core'

/** The topics of a model's changes, and its table. */
export interface Destination {
  readonly topic: string
  readonly delayTopic: string
  /** The table of the records. Two models or two schemas may share a topic and have records with the same key. */
  readonly table: string
}

/** A record that a transaction has changed. */
export interface Change {
  /** The record's id as a string, used as the key of its messages. */
  readonly key: string
  readonly payload: Payload
  /** The encoded payload, if known and without references. */
  readonly value?: string | undefined
  /** Foreign keys that the record no longer has. They are sent in the payload. */
  readonly references: References
  /** The columns that were written, as the header `kt-changed` has them; undefined if any may have changed. */
  readonly changed?: string | undefined
}

/** A change, ready to be sent. */
export interface OutgoingChange extends Pick<Destination, 'topic' | 'delayTopic'> {
  readonly key: string
  /** The encoded payload with its references. Both kinds of messages contain it. */
  readonly value: string
  readonly changed?: string | undefined
}
