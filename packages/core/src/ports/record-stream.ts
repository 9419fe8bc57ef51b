import type { Payload } from '../wire/payload.ts'

/** How the changes of a kind of record are streamed: which topic, which payload. */
export interface RecordStream<Record = unknown> {
  readonly topic: string
  payload(record: Record): Payload
}

/** Under this property a record's class tells how its records are streamed. */
export const recordStreamProperty: unique symbol = Symbol.for('@kt/core/recordStream')

/** How this record is streamed, if its class says so, as a Sequelize model after `updateStream` does. */
export function recordStreamOf(record: object): RecordStream | undefined {
  const owner = record.constructor as { readonly [recordStreamProperty]?: RecordStream } | undefined
  return owner?.[recordStreamProperty]
}
