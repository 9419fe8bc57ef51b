import { optionChecker } from '@kt/core/internal'
import type { BehindOptions, CatchUpOptions } from '@kt/core'
import type { Kafka } from 'kafkajs'
import { AdminConnection } from '../group/admin-connection.ts'
import { behind, GroupOffsets } from '../group/group-offsets.ts'

export interface GroupMonitorOptions {
  /** A Kafka instance. */
  readonly kafka: Kafka
  /** The topic that the group consumes. */
  readonly topic: string
  /** The consumer group: the `name` of its workers. */
  readonly name: string
}

/** Where a consumer group is in one partition. */
export interface PartitionProgress {
  readonly partition: number
  /** The offset of the next message that it will handle; 0 if it has committed none. */
  readonly committed: bigint
  /** How many messages wait. */
  readonly lag: bigint
}

/** The progress of a consumer group in a topic, for processes without a worker: a deployment, a test, an exporter. */
export class GroupMonitor implements AsyncDisposable {
  readonly #admin: AdminConnection
  readonly #offsets: GroupOffsets
  /** The consumer group. */
  readonly name: string
  /** The topic that it consumes. */
  readonly topic: string

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(options: GroupMonitorOptions) {
    const check = optionChecker('GroupMonitor')
    this.#admin = new AdminConnection(check.port('kafka', options.kafka, ['admin']))
    this.name = check.string('name', options.name)
    this.topic = check.string('topic', options.topic)
    this.#offsets = new GroupOffsets(this.#admin, {
      topic: this.topic,
      name: this.name,
      partition: undefined,
      isOurs: () => false,
    })
  }

  /**
   * How many messages the group has not committed yet, over all partitions.
   *
   * @throws kafkajs's error when Kafka is unavailable or has no such topic
   */
  lag(): Promise<bigint> {
    return this.#offsets.lag()
  }

  /**
   * Resolves when the group has committed everything that was in the topic at the time of the call.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, and kafkajs's error when Kafka is unavailable or has no such
   *   topic
   */
  whenCaughtUp(options?: CatchUpOptions): Promise<void> {
    return this.#offsets.whenCaughtUp(options)
  }

  /**
   * Whether a message has been waiting for longer than `ageMs`, such as for a banner "results may be out of date".
   *
   * @throws KtError `KT_OPTION_INVALID`, and kafkajs's error when Kafka is unavailable or has no such topic
   */
  async isBehind({ ageMs = 5_000 }: BehindOptions = {}): Promise<boolean> {
    return this.#offsets.isBehind(optionChecker('isBehind').integer('ageMs', ageMs))
  }

  /**
   * About how long the oldest waiting message has been waiting, in milliseconds, within half a second or a twentieth; 0
   * if none waits.
   *
   * @throws kafkajs's error when Kafka is unavailable or has no such topic
   */
  oldestAgeMs(): Promise<number> {
    return this.#offsets.oldestAgeMs()
  }

  /**
   * Where the group is in each partition. The committed offset grows while it makes progress, whatever its lag.
   *
   * @throws kafkajs's error when Kafka is unavailable or has no such topic
   */
  async partitions(): Promise<readonly PartitionProgress[]> {
    return (await this.#offsets.read()).map((each) => ({
      partition: each.partition,
      committed: each.committed ?? 0n,
      lag: behind(each),
    }))
  }

  /**
   * How many workers the group has now.
   *
   * @throws kafkajs's error when Kafka is unavailable
   */
  async members(): Promise<number> {
    const { groups } = await this.#admin.query((admin) => admin.describeGroups([this.name]))
    return groups.reduce((sum, { members }) => sum + members.length, 0)
  }

  /** Closes its connection. Idempotent. */
  close(): Promise<void> {
    return this.#admin.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
