import { decodeChangeToken, KtError } from '@kt/core'
import { optionChecker } from '@kt/core/internal'
import type { BehindOptions, CatchUpOptions, ChangeToken } from '@kt/core'
import type { Kafka } from 'kafkajs'
import { AdminConnection } from '../group/admin-connection.ts'
import { GroupOffsets } from '../group/group-offsets.ts'
import { DeadLetterReader } from './dead-letter-reader.ts'

/** A consumer group and the topic that it reads. */
export interface GroupName {
  readonly topic: string
  /** The consumer group: the `name` of its workers. */
  readonly name: string
}

export interface IndexMonitorOptions extends GroupName {
  /** A Kafka instance. */
  readonly kafka: Kafka
  /**
   * The Cascaders that send messages to `topic`, such as `cascades(…).groups`. A change that reaches the index through
   * one of them counts as indexed when the documents of its dependents are.
   *
   * @defaultValue none: only changes of `topic` itself are waited for
   */
  readonly cascades?: readonly GroupName[]
  /**
   * The group of the lane in which large cascades wait, if there is one. A cascade has reached the index only once the
   * lane is empty.
   *
   * @defaultValue none
   */
  readonly lane?: GroupName
  /**
   * Makes all that is indexed visible to searches, such as `() => client.indices.refresh({ index: 'products' })`.
   *
   * @defaultValue none: the option `refresh` of `waitForIndexed` is refused
   */
  readonly refresh?: () => Promise<unknown>
}

export interface WaitForIndexedOptions {
  /**
   * Time-out in milliseconds.
   *
   * @defaultValue 5_000
   */
  readonly timeoutMs?: number
  /**
   * Whether to refresh the index afterwards, so that searches show the changes. Otherwise they do after the refresh
   * interval of the index, a second by default. A refresh per request is a load; searches for an id don't need one.
   *
   * @defaultValue false
   */
  readonly refresh?: boolean
  readonly signal?: AbortSignal
}

/**
 * What has become of the changes of a token.
 *
 * - `indexed`: the index holds them, or a newer state of the same records.
 * - `not-yet`: the time is over, or their instant messages could not be sent, so that they follow later.
 * - `failed`: the Indexer or a Cascader has given one of them up. It is in the dead-letter topic.
 * - `unaffected`: none of them concerns this index.
 */
export type IndexedOutcome = 'indexed' | 'not-yet' | 'failed' | 'unaffected'

/** How much the clocks of writers and brokers may differ. */
const clockSkewMs = 60_000

/**
 * The progress of an index, for any process: an API that waits until a search shows what was just written, or a banner
 * that says that results may be out of date.
 */
export class IndexMonitor implements AsyncDisposable {
  readonly #topic: string
  readonly #refresh: (() => Promise<unknown>) | undefined
  readonly #admin: AdminConnection
  /** By the topic of the messages. */
  readonly #deadLetters: ReadonlyMap<string, DeadLetterReader>
  readonly #indexer: GroupOffsets
  readonly #lane: GroupOffsets | undefined
  readonly #cascades: readonly { readonly topic: string; readonly offsets: GroupOffsets }[]

  /**
   * Does no I/O. `topic` and `name` are those of the Indexer.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor({ kafka, topic, name, cascades = [], lane, refresh }: IndexMonitorOptions) {
    const check = optionChecker('IndexMonitor')
    const offsetsOf = (group: GroupName): GroupOffsets =>
      new GroupOffsets(this.#admin, {
        topic: check.string('topic', group.topic),
        name: check.string('name', group.name),
        partition: undefined,
        isOurs: () => false,
      })
    this.#topic = topic
    this.#refresh = refresh && check.callable('refresh', refresh)
    this.#admin = new AdminConnection(check.port('kafka', kafka, ['admin']))
    const topics = new Set([topic, ...cascades.map((group) => group.topic)])
    this.#deadLetters = new Map(
      Array.from(topics, (each) => [each, new DeadLetterReader(each, kafka, this.#admin)]),
    )
    this.#indexer = offsetsOf({ topic, name })
    this.#lane = lane && offsetsOf(lane)
    this.#cascades = cascades.map((group) => ({ topic: group.topic, offsets: offsetsOf(group) }))
  }

  /**
   * Resolves when the changes of a token are in the index, or when it is clear that they aren't. Never says `indexed`
   * too early.
   *
   * @param token from `UpdateStreamer.token`, of any process
   * @throws KtError `KT_TOKEN_INVALID`, `KT_OPTION_INVALID`, `KT_ABORTED`, `KT_CLOSED`; kafkajs's error when Kafka is
   *   unavailable; the error of `refresh`
   */
  async waitForIndexed(token: string, options: WaitForIndexedOptions = {}): Promise<IndexedOutcome> {
    const check = optionChecker('waitForIndexed')
    const refresh = this.#refresh
    const deadline = Date.now() + check.integer('timeoutMs', options.timeoutMs ?? 5_000)
    if (options.refresh === true && refresh === undefined)
      check.fail('refresh', 'used on an IndexMonitor with the option "refresh"')
    const change = decodeChangeToken(token)
    if (change.delayed.some((topic) => this.#deadLetters.has(topic))) return 'not-yet'
    const relevant = [...change.ends.keys()].flatMap((topic) => this.#deadLetters.get(topic) ?? [])
    if (relevant.length === 0) return 'unaffected'
    const left = (): CatchUpOptions => ({
      timeoutMs: Math.max(0, deadline - Date.now()),
      ...(options.signal !== undefined && { signal: options.signal }),
    })
    try {
      await this.#whenHandled(change, left)
      if (await this.#isGivenUp(change, relevant, left())) return 'failed'
    } catch (error) {
      if (KtError.isInstance(error, 'KT_CATCH_UP_TIMEOUT')) return 'not-yet'
      throw error
    }
    if (options.refresh === true) await refresh?.()
    return 'indexed'
  }

  /**
   * Whether a message has been waiting for longer than `ageMs`, for the Indexer or a Cascader.
   *
   * @throws KtError `KT_OPTION_INVALID`, and kafkajs's error when Kafka is unavailable or has no such topic
   */
  async isBehind(options: BehindOptions = {}): Promise<boolean> {
    const { ageMs = 5_000 } = options
    optionChecker('isBehind').integer('ageMs', ageMs)
    const lanes = this.#lane === undefined ? [] : [this.#lane]
    const groups = [this.#indexer, ...lanes, ...this.#cascades.map(({ offsets }) => offsets)]
    return (await Promise.all(groups.map((offsets) => offsets.isBehind(ageMs)))).includes(true)
  }

  /** Closes its connection. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#deadLetters.values(), (reader) => reader.close()))
    await this.#admin.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Resolves when the groups have handled all messages of the change, and those that the Cascaders made of them. */
  async #whenHandled({ ends }: ChangeToken, left: () => CatchUpOptions): Promise<void> {
    const ours = ends.get(this.#topic)
    const cascading = this.#cascades.filter(({ topic }) => ends.has(topic))
    await Promise.all([
      ours && this.#indexer.whenCaughtUp({ ...left(), ends: ours }),
      ...cascading.map(({ topic, offsets }) =>
        offsets.whenCaughtUp({ ...left(), ends: ends.get(topic) ?? new Map<number, bigint>() }),
      ),
    ])
    if (cascading.length === 0) return
    // The worker of the lane puts the rest of a cascade back into the topic.
    while (this.#lane !== undefined && (await this.#lane.lag()) > 0n) await this.#lane.whenCaughtUp(left())
    // Cascaders have sent all messages before they commit, so these are in the topic by now.
    await this.#indexer.whenCaughtUp(left())
  }

  async #isGivenUp(
    { changeIds, committedAtMs }: ChangeToken,
    readers: readonly DeadLetterReader[],
    options: CatchUpOptions,
  ): Promise<boolean> {
    const given = { changeIds, sinceMs: Math.max(0, committedAtMs - clockSkewMs) }
    return (await Promise.all(readers.map((reader) => reader.includes(given, options)))).includes(true)
  }
}
