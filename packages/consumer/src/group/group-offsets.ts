import { KtError } from '@kt/core'
import type { CatchUpOptions } from '@kt/core'
import type { Admin, Kafka } from 'kafkajs'
import { CatchUpPoller } from '../catch-up-poller.ts'

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

/** How long an idle connection is kept open. */
const lingerMs = 10_000

/** The offsets of a group in a topic, from the broker. */
export class GroupOffsets {
  readonly #options: GroupOffsetsOptions
  readonly #kafka: Kafka
  #admin: Promise<Admin> | undefined
  readonly #pollers = new Set<CatchUpPoller>()
  /** The last commits of this worker. */
  readonly #ours = new Map<number, bigint>()
  #open = 0
  #lingering: NodeJS.Timeout | undefined
  #closed = false

  constructor(kafka: Kafka, options: GroupOffsetsOptions) {
    this.#kafka = kafka
    this.#options = options
  }

  async read(): Promise<PartitionOffsets[]> {
    const { topic, name, partition } = this.#options
    const { groups, ends } = await this.#query(async (admin) => ({
      // Reads the commits before the ends. Otherwise a commit could seem to lie beyond the end.
      groups: await admin.fetchOffsets({ groupId: name, topics: [topic] }),
      ends: await admin.fetchTopicOffsets(topic),
    }))
    const committed = new Map(
      groups.flatMap((group) => group.partitions.map((each) => [each.partition, each.offset])),
    )
    return ends
      .filter((each) => partition === undefined || each.partition === partition)
      .map((each) => {
        const offset = BigInt(committed.get(each.partition) ?? '-1')
        return {
          partition: each.partition,
          low: BigInt(each.low),
          high: BigInt(each.high),
          committed: offset < 0n ? undefined : offset,
        }
      })
  }

  async lag(): Promise<bigint> {
    return (await this.read()).reduce((sum, each) => sum + behind(each), 0n)
  }

  async ends(): Promise<ReadonlyMap<number, bigint>> {
    return endsOf(await this.read())
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
    await this.#query((admin) => admin.setOffsets({ groupId, topic, partitions }))
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

  async #caughtUp(
    goals: ReadonlyMap<number, bigint>,
    first: readonly PartitionOffsets[],
    poller: CatchUpPoller,
    { timeoutMs = 60_000, signal }: CatchUpOptions,
  ): Promise<void> {
    const deadline = Date.now() + timeoutMs
    for (let offsets = first; ; offsets = await this.read()) {
      let open = 0n
      for (const each of offsets) {
        const missing = behind({ ...each, high: goals.get(each.partition) ?? 0n })
        if (missing === 0n) poller.reached(each.partition)
        open += missing
      }
      if (open === 0n) return
      if (signal?.aborted) throw new KtError('KT_ABORTED', 'whenCaughtUp was aborted', { retryable: false })
      // A closed worker commits no more, so this would wait forever.
      if (this.#closed) throw closed()
      if (Date.now() >= deadline) {
        const { name, topic } = this.#options
        throw new KtError(
          'KT_CATCH_UP_TIMEOUT',
          `"${name}" is still ${open} messages behind in "${topic}" after ${timeoutMs} ms; ` +
            'check its log for failing handlers, or call whenCaughtUp with a longer timeoutMs',
          { retryable: true },
        )
      }
      await poller.due(deadline, signal)
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#lingering)
    await this.#disconnect()
  }

  async #disconnect(): Promise<void> {
    const lost = this.#admin
    this.#admin = undefined
    const admin = await lost?.catch(() => undefined)
    await admin?.disconnect()
  }

  /** Reconnects after a failure: the old connection may have been lost without notice. */
  async #query<T>(query: (admin: Admin) => Promise<T>): Promise<T> {
    // A connection opened now would never be closed.
    if (this.#closed) throw closed()
    clearTimeout(this.#lingering)
    this.#open += 1
    const admin = (this.#admin ??= this.#connect())
    try {
      return await query(await admin)
    } catch (error) {
      if (this.#admin === admin) this.#admin = undefined
      void admin.then((lost) => lost.disconnect()).catch(() => undefined)
      throw error
    } finally {
      this.#open -= 1
      if (this.#open === 0 && !this.#closed) this.#linger()
    }
  }

  #linger(): void {
    this.#lingering = setTimeout(() => void this.#disconnect().catch(() => undefined), lingerMs).unref()
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin()
    await admin.connect()
    try {
      // Loads the brokers first. Otherwise it takes 300 ms to find a group's coordinator.
      await admin.describeCluster()
    } catch (error) {
      void admin.disconnect().catch(() => undefined)
      throw error
    }
    return admin
  }
}

function endsOf(offsets: readonly PartitionOffsets[]): ReadonlyMap<number, bigint> {
  return new Map(offsets.map(({ partition, high }) => [partition, high]))
}

function behind({ low, high, committed }: PartitionOffsets): bigint {
  const at = committed === undefined || committed < low ? low : committed
  return high > at ? high - at : 0n
}

function closed(): KtError {
  return new KtError('KT_CLOSED', 'The worker was closed', { retryable: false })
}
