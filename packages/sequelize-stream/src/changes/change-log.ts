import type { Change, Destination, OutgoingChange } from './change.ts'
import { later, LiveChange } from './live-change.ts'

/** Above this number of changed records per topic, a transaction keeps the rest packed. */
const liveLimit = 10_000

/** The changes of a chunk, packed into a few bytes per record instead of objects. */
interface Packed {
  readonly count: number
  /** A JSON array. */
  readonly keys: string
  /** One per line. */
  readonly values: string
  readonly changed: readonly (string | undefined)[]
}

interface Bucket extends Destination {
  readonly live: Map<string, LiveChange>
  readonly packed: Packed[]
}

/**
 * The changed records of one root transaction, grouped by the savepoint that changed them (their owner), so that
 * rolling back a savepoint can remove its changes. A record is kept once per topic, with its last payload and all its
 * references. Chunks are packed to bound the memory, so a record may appear again in a later chunk.
 */
export class ChangeLog<Owner> {
  readonly #owners = new Map<Owner, Map<string, Bucket>>()
  #order = 0
  #revision = 0

  get isEmpty(): boolean {
    return this.#owners.size === 0
  }

  /** Changes whenever something is added or dropped. */
  get revision(): number {
    return this.#revision
  }

  /** The number of messages, or slightly more. */
  get size(): number {
    let size = 0
    for (const buckets of this.#owners.values())
      for (const { live, packed } of buckets.values()) {
        size += live.size
        for (const { count } of packed) size += count
      }
    return size
  }

  /** The topics of the instant messages. */
  get topics(): readonly string[] {
    const topics = new Set<string>()
    for (const buckets of this.#owners.values()) for (const { topic } of buckets.values()) topics.add(topic)
    return [...topics]
  }

  add(owner: Owner, destination: Destination, change: Change): void {
    this.#revision++
    const bucket = this.#bucket(owner, destination)
    const { live, packed } = bucket
    const before = live.get(change.key)
    live.set(change.key, new LiveChange(bucket, before ? later(before, change) : change, this.#order++))
    if (live.size < liveLimit) return
    const chunk = [...live.values()]
    packed.push({
      count: chunk.length,
      keys: JSON.stringify(chunk.map(({ key }) => key)),
      values: chunk.map(({ value }) => value).join('\n'),
      changed: chunk.map(({ changed }) => changed),
    })
    live.clear()
  }

  /** Drops the changes of these owners. */
  drop(isDropped: (owner: Owner) => boolean): void {
    this.#revision++
    for (const owner of this.#owners.keys()) if (isDropped(owner)) this.#owners.delete(owner)
  }

  clear(): void {
    this.#revision++
    this.#owners.clear()
  }

  /** Yields all changes, always in the same order and chunks unless something is added or dropped. */
  *chunks(): Generator<readonly OutgoingChange[], void> {
    for (const buckets of this.#owners.values())
      for (const bucket of buckets.values()) for (const each of bucket.packed) yield unpacked(bucket, each)
    const live = this.#mergedLive()
    if (live.length > 0) yield live
  }

  /** Whether this log produces exactly the same messages. */
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

  #bucket(owner: Owner, { topic, delayTopic, table }: Destination): Bucket {
    let buckets = this.#owners.get(owner)
    if (buckets === undefined) this.#owners.set(owner, (buckets = new Map<string, Bucket>()))
    const source = `${topic} ${table}`
    let bucket = buckets.get(source)
    if (bucket === undefined)
      buckets.set(source, (bucket = { topic, delayTopic, table, live: new Map(), packed: [] }))
    return bucket
  }

  #mergedLive(): OutgoingChange[] {
    const single = this.#singleBucket()
    if (single !== undefined) return [...single.live.values()]
    const merged = new Map<string, Map<string, LiveChange>>()
    for (const buckets of this.#owners.values())
      for (const [source, { live }] of buckets) {
        const others = merged.get(source)
        merged.set(source, others === undefined ? live : united(others, live))
      }
    return [...merged.values()].flatMap((changes) => [...changes.values()])
  }

  /** The only bucket of a simple log, as most logs are, where nothing needs merging. */
  #singleBucket(): Bucket | undefined {
    if (this.#owners.size !== 1) return undefined
    for (const buckets of this.#owners.values())
      if (buckets.size === 1) for (const bucket of buckets.values()) return bucket
    return undefined
  }
}

function unpacked(
  { topic, delayTopic }: Destination,
  { keys, values, changed }: Packed,
): readonly OutgoingChange[] {
  const lines = values.split('\n')
  return (JSON.parse(keys) as readonly string[]).map((key, index) => ({
    topic,
    delayTopic,
    key,
    value: lines[index] ?? '',
    changed: changed[index],
  }))
}

/** Whether buckets without packed changes produce exactly the same messages. */
function hasSameLive(one: Bucket, other: Bucket): boolean {
  if (one.topic !== other.topic || one.delayTopic !== other.delayTopic || one.live.size !== other.live.size)
    return false
  const others = other.live.values()
  for (const change of one.live.values()) {
    const { value: same } = others.next()
    if (same === undefined || !change.isSameAs(same)) return false
  }
  return true
}

function isSame(one: OutgoingChange, other: OutgoingChange | undefined): boolean {
  return (
    one.key === other?.key &&
    one.value === other.value &&
    one.changed === other.changed &&
    one.topic === other.topic &&
    one.delayTopic === other.delayTopic
  )
}

/** Merges the changes of two owners. */
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
  const [first, last] = other.order > change.order ? [change, other] : [other, change]
  changes.set(change.key, new LiveChange(last, later(first, last), last.order))
}
