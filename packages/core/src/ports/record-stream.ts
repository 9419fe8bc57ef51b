import type { Payload } from '../wire/payload.ts'

/** How the changes of one kind of record are streamed: the topic and the payload. */
export interface RecordStream<Record = unknown> {
  readonly topic: string
  payload(record: Record): Payload
}

/** The property of a record's class that contains its record stream. */
export const recordStreamProperty: unique symbol = Symbol.for('@kt/core/recordStream')

/** The record stream of a record, if its class has one, as a Sequelize model has after `updateStream`. */
export function recordStreamOf(record: object): RecordStream | undefined {
  const owner = record.constructor as { readonly [recordStreamProperty]?: RecordStream } | undefined
  return owner?.[recordStreamProperty]
}
