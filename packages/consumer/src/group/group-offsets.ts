import { KtError } from '@kt/core'
import type { CatchUpOptions, WrittenRanges } from '@kt/core'
import { CatchUpPoller } from '../catch-up-poller.ts'
import { closedError } from './admin-connection.ts'
import type { AdminConnection } from './admin-connection.ts'
import { decodeGivenUp, mayHaveGivenUp } from '../partition/given-up.ts'
import type { GivenUp } from '../partition/given-up.ts'

export interface GroupOffsetsOptions {
  readonly topic: string
  readonly name: string
  readonly partition: number | undefined
  /** Whether this worker owns the partition now. */
  readonly isOurs: (partition: number) => boolean
}

export interface PartitionOffsets {
  readonly partition: number
  readonly low: bigint
  readonly high: bigint
  /** Undefined if the group has not committed an offset of this partition. */
  readonly committed: bigint | undefined
}

/** What a group has committed in a partition. */
interface Committed {
  readonly offset: bigint
  readonly givenUp: GivenUp | undefined
}

type Commits = ReadonlyMap<number, Committed>

/** How often a wait also reads the beginnings of the partitions, which move when old messages are deleted. */
const fullReadMs = 1_000

/** The ages among which that of the oldest message is looked for. */
const firstAgeMs = 500
const mostAgeMs = 400 * 24 * 3_600_000

/** The offsets of a group in a topic, from the broker. */
export class GroupOffsets {
  readonly #options: GroupOffsetsOptions
  readonly #admin: AdminConnection
  readonly #pollers = new Set<CatchUpPoller>()
  #reading: Promise<Commits> | undefined
  /** The last commits of this worker. */
  readonly #ours = new Map<number, bigint>()

  constructor(admin: AdminConnection, options: GroupOffsetsOptions) {
    this.#admin = admin
    this.#options = options
  }

  get topic(): string {
    return this.#options.topic
  }

  async read(): Promise<PartitionOffsets[]> {
    const { topic, partition } = this.#options
    // Reads the commits before the ends. Otherwise a commit could seem to lie beyond the end.
    const committed = await this.#readCommitted()
    const ends = await this.#admin.query((admin) => admin.fetchTopicOffsets(topic))
    return ends
      .filter((each) => partition === undefined || each.partition === partition)
      .map((each) => ({
        partition: each.partition,
        low: BigInt(each.low),
        high: BigInt(each.high),
        committed: committed.get(each.partition)?.offset,
      }))
  }

  /** Reads the group's commits. Simultaneous calls share the requests. */
  #readCommitted(): Promise<Commits> {
    const { topic, name } = this.#options
    this.#reading ??= this.#admin
      .query((admin) => admin.fetchOffsets({ groupId: name, topics: [topic] }))
      .then((groups) => {
        const all = groups.flatMap((group) => group.partitions)
        return new Map(
          all.flatMap(({ partition, offset, metadata }) =>
            BigInt(offset) < 0n
              ? []
              : [[partition, { offset: BigInt(offset), givenUp: decodeGivenUp(metadata) }] as const],
          ),
        )
      })
      .finally(() => (this.#reading = undefined))
    return this.#reading
  }

  async lag(): Promise<bigint> {
    return (await this.read()).reduce((sum, each) => sum + behind(each), 0n)
  }

  /** How many messages were deleted before the group has read them. */
  async missed(): Promise<bigint> {
    const offsets = await this.read()
    return offsets.reduce(
      (sum, { low, committed = 0n }) => (low > committed ? sum + low - committed : sum),
      0n,
    )
  }

  async ends(): Promise<ReadonlyMap<number, bigint>> {
    return endsOf(await this.read())
  }

  /** Whether a message that is older than `ageMs` has not been committed yet. */
  async isBehind(ageMs: number): Promise<boolean> {
    const { topic } = this.#options
    const since = Date.now() - ageMs
    const young = await this.#admin.query((admin) => admin.fetchTopicOffsetsByTimestamp(topic, since))
    const firstYoung = new Map(young.map((each) => [each.partition, BigInt(each.offset)]))
    return (await this.read()).some(
      (each) => behind({ ...each, high: firstYoung.get(each.partition) ?? 0n }) > 0n,
    )
  }

  /** About how long the oldest message that is not committed has been waiting, in milliseconds; 0 if there is none. */
  async oldestAgeMs(): Promise<number> {
    if ((await this.lag()) === 0n) return 0
    let youngest = 0
    let oldest = firstAgeMs
    for (; oldest < mostAgeMs && (await this.isBehind(oldest)); oldest *= 2) youngest = oldest
    while (oldest - youngest > firstAgeMs && oldest - youngest > oldest / 20) {
      const middle = Math.round((youngest + oldest) / 2)
      if (await this.isBehind(middle)) youngest = middle
      else oldest = middle
    }
    return youngest
  }

  /**
   * Sets the offsets of a group that has committed nothing to the end of each partition. Partitions that are added
   * later are read from their beginning.
   *
   * @throws kafkajs's error, also while another worker of the group is starting; it may then be retried
   */
  async beginAtLatest(): Promise<void> {
    const { topic, name: groupId } = this.#options
    const offsets = await this.read()
    if (offsets.some(({ committed }) => committed !== undefined)) return
    const partitions = offsets.map(({ partition, high }) => ({ partition, offset: String(high) }))
    await this.#admin.commitOffsets({ groupId, topic, partitions })
    // A kafkajs consumer that has crashed meanwhile resolves without sending the commit.
    if ((await this.read()).some(({ committed }) => committed === undefined))
      throw new Error('The first offsets of the group were not committed')
  }

  /** Records offsets that this worker has committed. */
  committed(offsets: ReadonlyMap<number, bigint>): void {
    for (const [partition, offset] of offsets) this.#ours.set(partition, offset)
    for (const poller of this.#pollers) poller.committed(offsets)
  }

  async whenCaughtUp(options: CatchUpOptions = {}): Promise<void> {
    const offsets = await this.read()
    const goals = options.ends ?? endsOf(offsets)
    const poller = new CatchUpPoller(goals, this.#options.isOurs)
    // A commit during the read may be missing in its result, and is not reported again.
    poller.committed(this.#ours)
    this.#pollers.add(poller)
    try {
      await this.#caughtUp(goals, offsets, poller, options)
    } finally {
      this.#pollers.delete(poller)
    }
  }

  /**
   * Resolves when the group has committed these messages, or the end of a partition where that is lower. Messages that
   * were deleted before the group has read them don't count as handled.
   *
   * @returns whether one of them may have been given up
   * @throws KtError as `whenCaughtUp`
   */
  async whenPassed(ranges: WrittenRanges, { timeoutMs = 60_000, signal }: CatchUpOptions): Promise<boolean> {
    const deadline = Date.now() + timeoutMs
    const ends = new Map(Array.from(ranges, ([partition, { end }]) => [partition, end]))
    const poller = new CatchUpPoller(ends, this.#options.isOurs)
    let goals: ReadonlyMap<number, bigint> = ends
    for (let clampedAtMs = -Infinity; ;) {
      if (Date.now() - clampedAtMs > fullReadMs) {
        clampedAtMs = Date.now()
        goals = this.#clamped(ends, await this.#topicEnds())
      }
      const commits = await this.#readCommitted()
      if (isPast(commits, goals))
        return [...ranges].some(([partition, { from }]) =>
          mayHaveGivenUp(commits.get(partition)?.givenUp, from),
        )
      this.#throwIfOver({ deadline, timeoutMs, signal }, 'some')
      await poller.due(deadline, signal)
    }
  }

  /** The ends of all partitions, also of those that were added a moment ago. */
  async currentEnds(): Promise<ReadonlyMap<number, bigint>> {
    const { topic } = this.#options
    const { topics } = await this.#admin.query((admin) => admin.fetchTopicMetadata({ topics: [topic] }))
    const ends = await this.ends()
    if (topics.every(({ partitions }) => partitions.length <= ends.size)) return ends
    this.#admin.renew()
    return this.ends()
  }

  async #topicEnds(): Promise<ReadonlyMap<number, bigint>> {
    const { topic } = this.#options
    const ends = await this.#admin.query((admin) => admin.fetchTopicOffsets(topic))
    return new Map(ends.map(({ partition, high }) => [partition, BigInt(high)]))
  }

  #clamped(ends: ReadonlyMap<number, bigint>, now: ReadonlyMap<number, bigint>): ReadonlyMap<number, bigint> {
    if ([...ends.keys()].some((partition) => !now.has(partition))) this.#admin.renew()
    return new Map(
      Array.from(ends, ([partition, end]) => {
        const highest = now.get(partition) ?? end
        return [partition, end < highest ? end : highest]
      }),
    )
  }

  #throwIfOver(
    { deadline, timeoutMs, signal }: { deadline: number; timeoutMs: number; signal: AbortSignal | undefined },
    open: bigint | string,
  ): void {
    if (signal?.aborted) throw new KtError('KT_ABORTED', 'whenCaughtUp was aborted', { retryable: false })
    // A closed worker commits no more, so this would wait forever.
    if (this.#admin.isClosed) throw closedError()
    if (Date.now() < deadline) return
    const { name, topic } = this.#options
    throw new KtError(
      'KT_CATCH_UP_TIMEOUT',
      `"${name}" is still ${open} messages behind in "${topic}" after ${timeoutMs} ms; ` +
        'check its log for failing handlers, or call whenCaughtUp with a longer timeoutMs',
      { retryable: true },
    )
  }

  async #caughtUp(
    goals: ReadonlyMap<number, bigint>,
    first: readonly PartitionOffsets[],
    poller: CatchUpPoller,
    { timeoutMs = 60_000, signal }: CatchUpOptions,
  ): Promise<void> {
    const deadline = Date.now() + timeoutMs
    let fullyReadAtMs = Date.now()
    for (let offsets = first; ;) {
      let open = 0n
      for (const each of offsets) {
        const missing = behind({ ...each, high: goals.get(each.partition) ?? 0n })
        if (missing === 0n) poller.reached(each.partition)
        open += missing
      }
      if (open === 0n) return
      this.#throwIfOver({ deadline, timeoutMs, signal }, open)
      await poller.due(deadline, signal)
      const isFull = Date.now() - fullyReadAtMs > fullReadMs
      if (isFull) fullyReadAtMs = Date.now()
      offsets = isFull ? await this.read() : withCommitted(offsets, await this.#readCommitted())
    }
  }
}

function isPast(commits: Commits, ends: ReadonlyMap<number, bigint>): boolean {
  return [...ends].every(([partition, end]) => (commits.get(partition)?.offset ?? 0n) >= end)
}

function withCommitted(offsets: readonly PartitionOffsets[], commits: Commits): readonly PartitionOffsets[] {
  return offsets.map((each) => ({ ...each, committed: commits.get(each.partition)?.offset }))
}

function endsOf(offsets: readonly PartitionOffsets[]): ReadonlyMap<number, bigint> {
  return new Map(offsets.map(({ partition, high }) => [partition, high]))
}

export function behind({ low, high, committed }: PartitionOffsets): bigint {
  const at = committed === undefined || committed < low ? low : committed
  return high > at ? high - at : 0n
}
