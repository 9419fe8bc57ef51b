import { encodePayload, encodeRecordList } from '@kt/core'
import type { Payload } from '@kt/core'

/** A record that a cascade reaches. */
export interface Target {
  readonly topic: string
  readonly key: string
  readonly payload: Payload
}

/** A message, and the number of records that it names. */
export interface OutgoingRecords {
  readonly topic: string
  readonly key: string | null
  readonly value: string
  readonly records: number
}

export function messageOf({ topic, key, payload }: Target): OutgoingRecords {
  return { topic, key, value: encodePayload(payload), records: 1 }
}

export function messageOfList(topic: string, ids: readonly Payload['id'][]): OutgoingRecords {
  return { topic, key: null, value: encodeRecordList(ids), records: ids.length }
}
