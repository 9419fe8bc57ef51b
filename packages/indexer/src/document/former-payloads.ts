import { payloadReferences } from '@kt/core'
import type { Payload } from '@kt/core'

/**
 * Returns the payload once for each former place of the record, with one value of each attribute in `references`. A
 * record that moved twice may have copies under both routings, and `options` uses the first value. Empty without
 * `references`.
 */
export function formerPayloads(payload: Payload): readonly Payload[] {
  const lists = Object.entries(payloadReferences(payload)).filter(([, ids]) => ids.length > 0)
  const places = lists.reduce((most, [, ids]) => Math.max(most, ids.length), 0)
  if (places === 1) return [payload]
  return Array.from({ length: places }, (_, place) => ({
    ...payload,
    references: Object.fromEntries(
      lists.map(([name, ids]) => [name, ids.slice(Math.min(place, ids.length - 1)).slice(0, 1)]),
    ),
  }))
}
