import { encodePayload } from '@kt/core'
import type { Payload, References } from '@kt/core'
import { noReferences, uniteReferences } from '../model/references.ts'
import type { Change, Destination, OutgoingChange } from './change.ts'

/** A transaction that changes more records than this of one topic keeps the rest packed. */
const liveLimit = 10_000
/** The same where each chunk is sent when it is full: the last one is what COMMIT waits for. */
const followedLimit = 2_000

interface LiveChange extends Change {
  readonly order: number
  /** What it is on its way out, once that is known. */
  value: string | undefined
}

/** The changes of a chunk: a few bytes per record instead of objects. */
interface Packed {
  readonly count: number
  /** JSON of an array. */
  readonly keys: string
  /** One a line. */
  readonly values: string
}

interface Bucket extends Destination {
  readonly live: Map<string, LiveChange>
  readonly packed: Packed[]
}

/**
 * The changed records of one root transaction, by the savepoint that changed them (its owner), so that a savepoint's
 * rollback can take its own back. A record is kept once per topic, with its last payload and all its references;
 * beyond the records of a chunk of a topic, which are packed to bound the memory, it may come twice.
 */
export class ChangeLog<Owner> {
  readonly #owners = new Map<Owner, Map<string, Bucket>>()
  #order = 0
  #revision = 0
  #limit = liveLimit

  get isEmpty(): boolean {
    return this.#owners.size === 0
  }

  /** Another one whenever something is added or dropped. */
  get revision(): number {
    return this.#revision
  }

  /** How many messages this makes, or a few more. */
  get size(): number {
    let size = 0
    for (const buckets of this.#owners.values())
      for (const { live, packed } of buckets.values()) {
        size += live.size
        for (const { count } of packed) size += count
      }
    return size
  }

  /** The records to come are not there yet, and come once each, so that chunks need not be large. */
  follow(): void {
    this.#limit = followedLimit
  }

  /** @returns the chunk that is full now; what is kept of it takes less memory */
  add(owner: Owner, destination: Destination, change: Change): readonly OutgoingChange[] | undefined {
    this.#revision++
    const bucket = this.#bucket(owner, destination)
    const { live, packed } = bucket
    const before = live.get(change.key)
    live.set(change.key, {
      key: change.key,
      payload: change.payload,
      references: before ? uniteReferences(before.references, change.references) : change.references,
      order: this.#order++,
      value: before ? undefined : change.value,
    })
    if (live.size < this.#limit) return undefined
    const chunk = Array.from(live.values(), (each) => outgoing(bucket, each))
    packed.push({
      count: chunk.length,
      keys: JSON.stringify(chunk.map(({ key }) => key)),
      values: chunk.map(({ value }) => value).join('\n'),
    })
    live.clear()
    return chunk
  }

  /** Forgets what these owners have changed. */
  drop(isDropped: (owner: Owner) => boolean): void {
    this.#revision++
    for (const owner of this.#owners.keys()) if (isDropped(owner)) this.#owners.delete(owner)
  }

  clear(): void {
    this.#revision++
    this.#owners.clear()
  }

  /** How many chunks are full. */
  get packedCount(): number {
    let count = 0
    for (const buckets of this.#owners.values())
      for (const { packed } of buckets.values()) count += packed.length
    return count
  }

  /**
   * All changes, in the same order and chunks whenever it is called, as long as nothing is added or dropped.
   *
   * @param skipped how many full chunks to leave out
   */
  *chunks(skipped = 0): Generator<readonly OutgoingChange[], void> {
    let index = 0
    for (const buckets of this.#owners.values())
      for (const bucket of buckets.values())
        for (const each of bucket.packed) if (index++ >= skipped) yield unpacked(bucket, each)
    const live = this.#mergedLive()
    if (live.length > 0) yield live
  }

  /** Whether this makes the very same messages. */
  isSameAs(other: ChangeLog<unknown>): boolean {
    const [mine, theirs] = [this.#singleBucket(), other.#singleBucket()]
    if (mine?.packed.length === 0 && theirs?.packed.length === 0) return hasSameLive(mine, theirs)
    const others = other.chunks()
    for (const chunk of this.chunks()) {
      const { value: same } = others.next() as { readonly value?: readonly OutgoingChange[] }
      if (chunk.length !== same?.length) return false
      if (!chunk.every((change, index) => isSame(change, same[index]))) return false
    }
    return others.next().done === true
  }

  #bucket(owner: Owner, { topic, delayTopic }: Destination): Bucket {
    let buckets = this.#owners.get(owner)
    if (buckets === undefined) this.#owners.set(owner, (buckets = new Map<string, Bucket>()))
    let bucket = buckets.get(topic)
    if (bucket === undefined)
      buckets.set(topic, (bucket = { topic, delayTopic, live: new Map(), packed: [] }))
    return bucket
  }

  #mergedLive(): OutgoingChange[] {
    const all: OutgoingChange[] = []
    const single = this.#singleBucket()
    if (single !== undefined) {
      for (const change of single.live.values()) all.push(outgoing(single, change))
      return all
    }
    const merged = new Map<string, { destination: Destination; changes: Map<string, LiveChange> }>()
    for (const buckets of this.#owners.values())
      for (const bucket of buckets.values()) {
        const into = merged.get(bucket.topic)
        if (into === undefined) merged.set(bucket.topic, { destination: bucket, changes: bucket.live })
        else merged.set(bucket.topic, { ...into, changes: united(into.changes, bucket.live) })
      }
    for (const { destination, changes } of merged.values())
      for (const change of changes.values()) all.push(outgoing(destination, change))
    return all
  }

  /** What most logs consist of: nothing is to be merged there. */
  #singleBucket(): Bucket | undefined {
    if (this.#owners.size !== 1) return undefined
    for (const buckets of this.#owners.values())
      if (buckets.size === 1) for (const bucket of buckets.values()) return bucket
    return undefined
  }
}

function unpacked({ topic, delayTopic }: Destination, { keys, values }: Packed): readonly OutgoingChange[] {
  const lines = values.split('\n')
  return (JSON.parse(keys) as readonly string[]).map((key, index) => ({
    topic,
    delayTopic,
    key,
    value: lines[index] ?? '',
  }))
}

function outgoing({ topic, delayTopic }: Destination, change: LiveChange): OutgoingChange {
  return { topic, delayTopic, key: change.key, value: valueOf(change) }
}

/** Whether buckets with nothing packed make the very same messages. */
function hasSameLive(one: Bucket, other: Bucket): boolean {
  if (one.topic !== other.topic || one.delayTopic !== other.delayTopic || one.live.size !== other.live.size)
    return false
  const others = other.live.values()
  for (const change of one.live.values()) {
    const { value: same } = others.next()
    if (same?.key !== change.key) return false
    // Most payloads are nothing but an id: what was encoded once will do for both.
    if (isId(same.payload, change.payload) && areSame(same.references, change.references))
      same.value = change.value ??= same.value
    else if (valueOf(same) !== valueOf(change)) return false
  }
  return true
}

/** Whether these payloads are the same id, and nothing else. */
function isId(one: Payload, other: Payload): boolean {
  return one.id === other.id && Object.keys(one).length === 1 && Object.keys(other).length === 1
}

function isSame(one: OutgoingChange, other: OutgoingChange | undefined): boolean {
  return (
    one.key === other?.key &&
    one.value === other.value &&
    one.topic === other.topic &&
    one.delayTopic === other.delayTopic
  )
}

/** The changes of two owners. */
function united(
  some: ReadonlyMap<string, LiveChange>,
  others: ReadonlyMap<string, LiveChange>,
): Map<string, LiveChange> {
  const all = new Map(some)
  for (const change of others.values()) mergeInto(all, change)
  return all
}

function mergeInto(changes: Map<string, LiveChange>, change: LiveChange): void {
  const other = changes.get(change.key)
  if (other === undefined) return void changes.set(change.key, change)
  const last = other.order > change.order ? other : change
  const references = uniteReferences(other.references, change.references)
  changes.set(change.key, { ...last, references, value: undefined })
}

/** JSON, so that no line breaks are in it. */
function valueOf(change: LiveChange): string {
  return (change.value ??= encodePayload(withReferences(change)))
}

/** The payload as it is sent: the user's own, and the references if there are any. */
function withReferences({ payload, references }: Change): Payload {
  if (hasNone(references)) return payload
  const own = payload['references']
  const united =
    typeof own === 'object' && own !== null && !Array.isArray(own)
      ? uniteReferences(own as References, references)
      : references
  return { ...payload, references: united }
}

function areSame(some: References, others: References): boolean {
  if (some === others) return true
  const names = Object.keys(some)
  return (
    names.length === Object.keys(others).length &&
    names.every((name) => {
      const [ids, otherIds] = [some[name], others[name]]
      return ids?.length === otherIds?.length && ids?.every((id, index) => id === otherIds?.[index])
    })
  )
}

function hasNone(references: References): boolean {
  return references === noReferences || Object.keys(references).length === 0
}
