import type { KeyPartitioner } from '@kt/core'
import type { OutgoingChange } from './change.ts'

/**
 * Minimum number of records of a topic. Below it, a list saves less than it costs to look up the topic's partitions.
 */
export const worthwhile = 100

/** Matches a payload that is only an id: `1` in `{"id":1}`, `"a"` in `{"id":"a"}`. */
const plainId = /^\{"id":(-?\d+|"(?:[^"\\]|\\.)*")\}$/

/** The topics with enough changed records for lists. */
export function topicsWorthLists(changes: readonly OutgoingChange[]): readonly string[] {
  const counts = new Map<string, number>()
  for (const { topic } of changes) counts.set(topic, (counts.get(topic) ?? 0) + 1)
  return [...counts].filter(([, count]) => count >= worthwhile).map(([topic]) => topic)
}

/**
 * Merges records of a topic that go to the same partition into lists, `{"ids":[1,2]}`, if their messages consist of an
 * id alone, and the same columns have changed. A list has the key of its first record. It goes to the partition that each of its records would have gone
 * to alone, so messages about one record stay in order.
 *
 * @param partitioners by topic, for the topics whose records go into lists
 * @param recordsPerList maximum number of records in one list
 */
export function inLists(
  changes: readonly OutgoingChange[],
  partitioners: ReadonlyMap<string, KeyPartitioner>,
  recordsPerList: number,
): readonly OutgoingChange[] {
  const messages: OutgoingChange[] = []
  const open = new Map<string, List>()
  for (const change of changes) {
    const partitionOf = partitioners.get(change.topic)
    const id = partitionOf === undefined ? undefined : plainId.exec(change.value)?.[1]
    if (partitionOf === undefined || id === undefined) {
      messages.push(change)
      continue
    }
    const place = `${partitionOf(change.key)} ${change.topic} ${change.changed ?? ''}`
    const list = open.get(place) ?? { first: change, ids: [] }
    open.set(place, list)
    list.ids.push(id)
    if (list.ids.length < recordsPerList) continue
    messages.push(toMessage(list))
    open.delete(place)
  }
  for (const list of open.values()) messages.push(toMessage(list))
  return messages
}

interface List {
  readonly first: OutgoingChange
  /** Ids as JSON. */
  readonly ids: string[]
}

function toMessage({ first, ids }: List): OutgoingChange {
  if (ids.length === 1) return first
  const { topic, delayTopic, key, changed } = first
  return { topic, delayTopic, key, changed, value: `{"ids":[${ids.join(',')}]}` }
}
