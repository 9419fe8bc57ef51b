import { decodeChangeToken, KtError } from '@kt/core'
import { optionChecker, within } from '@kt/core/internal'
import type { BehindOptions, CatchUpOptions, ChangeToken } from '@kt/core'
import type { Kafka } from 'kafkajs'
import { AdminConnection } from '../group/admin-connection.ts'
import { GroupOffsets } from '../group/group-offsets.ts'
import { ChangeReader } from './change-reader.ts'
import { DeadLetterReader } from './dead-letter-reader.ts'

/** A consumer group and the topic that it reads. */
export interface GroupName {
  readonly topic: string
  /** The consumer group: the `name` of its workers. */
  readonly name: string
}

/** The consumer group of a cascade. */
export interface CascadeGroup extends GroupName {
  /**
   * The topic that it sends messages to.
   *
   * @defaultValue the topic of the monitored Indexer
   */
  readonly target?: string
  /** The group of the lane in which its large cascades wait, if it has one. */
  readonly lane?: GroupName
}

export interface IndexMonitorOptions extends GroupName {
  /** A Kafka instance. */
  readonly kafka: Kafka
  /**
   * The cascades that lead to the index, such as `cascadeGroups(productIndex)` of `@kt/model-index`. A change that
   * reaches the index through one of them counts as indexed when the documents of its dependents are.
   *
   * @defaultValue none: only changes of `topic` itself are waited for
   */
  readonly cascades?: readonly CascadeGroup[]
  /**
   * The Indexers of other topics that the cascades send messages to.
   *
   * @defaultValue none
   */
  readonly targets?: readonly GroupName[]
  /**
   * Makes all that is indexed visible to searches, such as `() => client.indices.refresh({ index: 'products' })`.
   *
   * @defaultValue none: the option `refresh` of `waitForIndexed` is refused
   */
  readonly refresh?: () => Promise<unknown>
}

export interface WaitForIndexedOptions {
  /**
   * Time-out in milliseconds. The answer may take half a second longer.
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
  /**
   * Whether to distinguish `superseded` from `indexed`. From the first such call on, the monitor follows the topic of
   * the index, in a consumer group of its own. Joining it takes some seconds, so give the first call a longer
   * `timeoutMs`. Changes that were ten minutes old by then count as `indexed`. The order is that of the messages, which
   * may differ from that of two commits at the same moment.
   *
   * @defaultValue false
   */
  readonly superseded?: boolean
  readonly signal?: AbortSignal
}

/**
 * What has become of the changes of a token.
 *
 * - `indexed`: the index holds them, or a newer state of the same records.
 * - `superseded`: as `indexed`, but a record of this index has been changed again since, so the index may show that
 *   later state by now. Only with the option `superseded`.
 * - `not-yet`: the time is over, or their instant messages could not be sent, so that they follow later.
 * - `failed`: the Indexer or a Cascader has given one of them up in the last day, or the Indexer a record that one of
 *   them reaches by a cascade. It is in the dead-letter topic. A cascade works on batches, so another change of the
 *   same batch may have failed instead.
 * - `unaffected`: none of them concerns this index.
 */
export type IndexedOutcome = 'indexed' | 'superseded' | 'not-yet' | 'failed' | 'unaffected'

/** The first look may take that long, whatever the time-out. */
const graceMs = 500

/** A cascade, and what has to be waited for once it has handled a change. */
interface WatchedCascade {
  readonly topic: string
  readonly offsets: GroupOffsets
  readonly lane: GroupOffsets | undefined
  readonly target: GroupOffsets
}

/** Topics of which messages may have been given up. */
interface Doubtful {
  /** With messages of the change itself. */
  readonly own: ReadonlySet<string>
  /** With messages of its cascades. */
  readonly dependents: ReadonlySet<string>
}

/**
 * The progress of an index, for any process: an API that waits until a search shows what was just written, or a banner
 * that says that results may be out of date.
 */
export class IndexMonitor implements AsyncDisposable {
  readonly #refresh: (() => Promise<unknown>) | undefined
  readonly #admin: AdminConnection
  readonly #indexer: GroupOffsets
  readonly #topic: string
  /** The topics whose changes reach the index. */
  readonly #sources: ReadonlySet<string>
  readonly #cascades: readonly WatchedCascade[]
  /** By the topic of the messages. */
  readonly #deadLetters: ReadonlyMap<string, DeadLetterReader>
  readonly #changes: ChangeReader
  readonly #groups = new Map<string, GroupOffsets>()

  /**
   * Does no I/O. `topic` and `name` are those of the Indexer.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor({ kafka, topic, name, cascades = [], targets = [], refresh }: IndexMonitorOptions) {
    const check = optionChecker('IndexMonitor')
    this.#topic = topic
    this.#refresh = refresh && check.callable('refresh', refresh)
    this.#admin = new AdminConnection(check.port('kafka', kafka, ['admin']))
    this.#indexer = this.#offsetsOf({ topic, name })
    const indexers = new Map([...targets, { topic, name }].map((each) => [each.topic, this.#offsetsOf(each)]))
    this.#cascades = cascades.map((each) => ({
      topic: each.topic,
      offsets: this.#offsetsOf(each),
      lane: each.lane && this.#offsetsOf(each.lane),
      target:
        indexers.get(each.target ?? topic) ??
        check.fail(
          'targets',
          `given with the Indexer of "${each.target}", which a cascade sends messages to`,
        ),
    }))
    this.#sources = new Set([topic, ...cascades.map((each) => each.topic)])
    const lanes = cascades.flatMap(({ lane }) => lane?.topic ?? [])
    const topics = new Set([...this.#sources, ...indexers.keys(), ...lanes])
    this.#changes = new ChangeReader(topic, kafka, this.#admin)
    this.#deadLetters = new Map(
      Array.from(topics, (each) => [each, new DeadLetterReader(each, kafka, this.#admin)]),
    )
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
    const timeoutMs = check.integer('timeoutMs', options.timeoutMs ?? 5_000)
    if (options.refresh === true && this.#refresh === undefined)
      check.fail('refresh', 'used on an IndexMonitor with the option "refresh"')
    const change = decodeChangeToken(token)
    if (change.delayed.some((topic) => this.#sources.has(topic))) return 'not-yet'
    const isRelevant = [...change.written.keys()].some((topic) => this.#sources.has(topic))
    if (!isRelevant) return 'unaffected'
    try {
      const outcome = this.#outcomeOf(change, { ...options, timeoutMs })
      return await within(timeoutMs + graceMs, outcome, timedOut)
    } catch (error) {
      if (KtError.isInstance(error, 'KT_CATCH_UP_TIMEOUT')) return 'not-yet'
      throw error
    }
  }

  async #outcomeOf(
    change: ChangeToken,
    { timeoutMs, signal, refresh, superseded }: WaitForIndexedOptions & { readonly timeoutMs: number },
  ): Promise<IndexedOutcome> {
    const deadline = Date.now() + timeoutMs
    const left = (): CatchUpOptions => ({
      timeoutMs: Math.max(0, deadline - Date.now()),
      ...(signal !== undefined && { signal }),
    })
    const [doubtful] = await Promise.all([
      this.#whenHandled(change, left),
      superseded === true && this.#changes.join(),
    ])
    const found = await Promise.all([
      ...this.#readers(doubtful.own).map((reader) => reader.includes(change, left())),
      ...this.#readers(doubtful.dependents).map((reader) => reader.includesDependents(change, left())),
    ])
    if (found.includes(true)) return 'failed'
    if (refresh === true) await this.#refresh?.()
    const isSuperseded = superseded === true && (await this.#changes.isSuperseded(change, left()))
    return isSuperseded ? 'superseded' : 'indexed'
  }

  /**
   * Whether a message has been waiting for longer than `ageMs`, for the Indexer or a Cascader.
   *
   * @throws KtError `KT_OPTION_INVALID`, and kafkajs's error when Kafka is unavailable or has no such topic
   */
  async isBehind(options: BehindOptions = {}): Promise<boolean> {
    const { ageMs = 5_000 } = options
    optionChecker('isBehind').integer('ageMs', ageMs)
    const groups = new Set([
      this.#indexer,
      ...this.#cascades.flatMap(({ offsets, target }) => [offsets, target]),
    ])
    const lanes = new Set(this.#cascades.flatMap(({ lane }) => lane ?? []))
    const answers = await Promise.all([
      ...Array.from(groups, (offsets) => offsets.isBehind(ageMs)),
      // The messages of a lane are always young, because its worker puts them back.
      ...Array.from(lanes, async (lane) => (await lane.lag()) > 0n),
    ])
    return answers.includes(true)
  }

  /** Closes its connection. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([...this.#deadLetters.values(), this.#changes].map((reader) => reader.close()))
    await this.#admin.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /**
   * Resolves when the groups have handled all messages of the change, and those that the cascades made of them.
   *
   * @returns the topics of which a group may have given such messages up
   */
  async #whenHandled({ written }: ChangeToken, left: () => CatchUpOptions): Promise<Doubtful> {
    const doubtful = { own: new Set<string>(), dependents: new Set<string>() }
    const passed = async (offsets: GroupOffsets, topic: string): Promise<void> => {
      const ranges = written.get(topic)
      if (ranges !== undefined && (await offsets.whenPassed(ranges, left()))) doubtful.own.add(topic)
    }
    const cascading = this.#cascades.filter(({ topic }) => written.has(topic))
    await Promise.all([
      passed(this.#indexer, this.#topic),
      ...cascading.map(({ topic, offsets }) => passed(offsets, topic)),
    ])
    // The worker of a lane puts the rest of a cascade back into the topic.
    for (const lane of new Set(cascading.flatMap((each) => each.lane ?? []))) {
      while ((await lane.lag()) > 0n) await lane.whenCaughtUp(left())
      doubtful.dependents.add(lane.topic)
    }
    // Cascades have sent all messages before they commit, so these are in the topics by now.
    const targets = [...new Set(cascading.map(({ target }) => target))]
    await Promise.all(
      targets.map(async (target) => {
        await target.whenCaughtUp({ ...left(), ends: await target.currentEnds() })
        // Nothing says since when the messages of the cascade may be there.
        doubtful.dependents.add(target.topic)
      }),
    )
    return doubtful
  }

  #readers(topics: ReadonlySet<string>): readonly DeadLetterReader[] {
    return [...topics].flatMap((topic) => this.#deadLetters.get(topic) ?? [])
  }

  #offsetsOf({ topic, name }: GroupName): GroupOffsets {
    const check = optionChecker('IndexMonitor')
    const key = JSON.stringify([check.string('topic', topic), check.string('name', name)])
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const offsets = new GroupOffsets(this.#admin, {
      topic,
      name,
      partition: undefined,
      isOurs: () => false,
    })
    this.#groups.set(key, offsets)
    return offsets
  }
}

function timedOut(): KtError {
  return new KtError('KT_CATCH_UP_TIMEOUT', 'Kafka did not answer in time', { retryable: true })
}
