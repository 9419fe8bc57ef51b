import { KtError } from '@kt/core'
import type { CatchUpOptions } from '@kt/core'
import type { IndexedOutcome } from '@kt/consumer'
import { redrive } from '@kt/indexer'
import type { RedriveOptions, RedriveResult } from '@kt/indexer'
import { Reindexer } from '@kt/reindexer'
import type { EnsureOptions, EnsureResult, ReindexProgress } from '@kt/reindexer'
import { updateStream, UpdateStreamer } from '@kt/sequelize-stream'
import { Verifier } from '@kt/verifier'
import type { Model } from 'sequelize'
import type { SyncConfig } from './config/config.ts'
import { resolveConfig } from './config/resolve-config.ts'
import type { ConfiguredIndex, ResolvedConfig } from './config/resolve-config.ts'
import { topologyOf } from './config/topology.ts'
import type { Topology, WantedTopic } from './config/topology.ts'
import { Connections } from './connections.ts'
import { readDeadLetters } from './dead-letters.ts'
import type { DeadLettersOptions, OpenDeadLetter } from './dead-letters.ts'
import { diagnose } from './doctor/diagnose.ts'
import type { DiagnoseOptions } from './doctor/diagnose.ts'
import type { Finding } from './doctor/finding.ts'
import { drainServer } from './drain-server.ts'
import type { DrainableServer } from './drain-server.ts'
import { IndexMonitors } from './status/index-monitors.ts'
import type { WaitOptions } from './status/index-monitors.ts'
import { onSignals } from './on-signals.ts'
import { planSync } from './plan.ts'
import type { PlanOptions, SyncPlan } from './plan.ts'
import { statusOf } from './status/status.ts'
import type { SyncStatus } from './status/status.ts'
import type { HealthProblem } from './status/health.ts'
import { createTopics } from './topics.ts'
import { whenAllCaughtUp, whenCascaded } from './when-caught-up.ts'
import { roles } from './workers/roles.ts'
import type { Role } from './workers/roles.ts'
import { Running } from './workers/running.ts'

export interface SyncRunOptions extends ShutdownOptions {
  /**
   * The kinds of workers that run in this process.
   *
   * @defaultValue all
   */
  readonly only?: readonly Role[]
  /**
   * The signals at which the process is shut down, as by `shutdown`.
   *
   * @defaultValue `['SIGTERM', 'SIGINT']`
   */
  readonly signals?: readonly NodeJS.Signals[]
  /** Closes everything when it fires. */
  readonly signal?: AbortSignal
}

export interface ShutdownOptions {
  /** HTTP servers that write to the database. They are drained first. @defaultValue none */
  readonly servers?: readonly DrainableServer[]
  /**
   * How long requests that are under way may take, in milliseconds.
   *
   * @defaultValue 10_000
   */
  readonly drainMs?: number
}

export interface ApplyOptions extends Pick<EnsureOptions, 'replaceIndex' | 'newDatabase' | 'signal'> {
  /** Called for each topic that was created. */
  readonly onTopic?: (topic: WantedTopic) => void
  /** Called when a step of a re-index begins, and after each page of records. */
  readonly onProgress?: (alias: string, progress: ReindexProgress) => void
  /** The aliases to build. @defaultValue all */
  readonly indexes?: readonly string[]
}

/** What `apply` has done, by alias. */
export type ApplyResult = ReadonlyMap<string, EnsureResult>

/**
 * All parts that keep search indexes in sync with a database, composed from one configuration. The application that
 * writes calls `stream()`, workers call `run()`, a deployment calls `apply()`. One process may do all three.
 */
export class Sync implements AsyncDisposable {
  readonly #config: ResolvedConfig
  readonly #topology: Topology
  readonly #connections: Connections
  readonly #monitors: IndexMonitors
  readonly #closing = new AbortController()
  #reindexers: ReadonlyMap<string, Reindexer<Model>> | undefined
  #streamer: UpdateStreamer | undefined
  #uninstall: (() => void) | undefined
  #running: Running | undefined
  #ignoreSignals: (() => void) | undefined
  #closed: Promise<void> | undefined

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(config: SyncConfig) {
    this.#config = resolveConfig(config)
    this.#topology = topologyOf(this.#config)
    this.#connections = new Connections(this.#config)
    this.#monitors = new IndexMonitors(this.#config, this.#topology, this.#connections)
  }

  /** All names of topics and consumer groups that follow from the configuration. */
  get topology(): Topology {
    return this.#topology
  }

  /** The `UpdateStreamer` of this process, for `bulk`, `track` and `token`. */
  get updateStreamer(): UpdateStreamer {
    const { delayMs, outbox, logger, meter } = this.#config
    return (this.#streamer ??= new UpdateStreamer({
      producer: this.#connections.producer,
      delayTopic: this.#topology.delayTopic,
      delayMs,
      ...(outbox && { whenUnavailable: outbox }),
      logger,
      meter,
    }))
  }

  /**
   * Streams every write of all models that the indexes read, from now on. Call it after all associations are declared,
   * before the first write. Does no I/O. Idempotent.
   *
   * @returns a function that stops streaming
   * @throws KtError `KT_OPTION_INVALID`, also when a model has no primary key or is streamed already; `KT_CLOSED`
   */
  stream(): () => void {
    this.#refuseWhenClosed()
    if (this.#uninstall !== undefined) return this.#uninstall
    const { updateStreamer, topology } = this
    const uninstalls: (() => void)[] = []
    const uninstall = (): void => {
      for (const each of uninstalls.splice(0)) each()
      this.#uninstall = undefined
    }
    try {
      for (const model of topology.models)
        uninstalls.push(updateStream(model, { updateStreamer, topic: topology.topicOf(model as never) }))
    } catch (error) {
      uninstall()
      throw error
    }
    return (this.#uninstall = uninstall)
  }

  /**
   * Streams, and finds out whether writes will succeed: whether the topics exist and the outbox can be used. Call it
   * before the application takes requests, so that a missing topic shows now and not at the first write.
   *
   * @throws KtError as `stream`; `KT_PRODUCE_FAILED` when a topic is missing; `KT_STREAM_FAILED`, `KT_ABORTED`
   */
  async start(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    this.stream()
    await this.updateStreamer.start()
    // With an outbox, writes succeed without Kafka.
    if (this.#config.outbox === undefined) await this.updateStreamer.check(options)
  }

  /**
   * Runs workers. Creates missing topics, and resolves once all workers have joined their consumer groups. Services may
   * be away at the start: it waits for them, and says so. At SIGTERM, everything is closed in order.
   *
   * @throws KtError `KT_OPTION_INVALID`, `KT_ABORTED`, `KT_CLOSED`, and other errors that no retry mends
   */
  async run(options: SyncRunOptions = {}): Promise<void> {
    this.#refuseWhenClosed()
    const { only = roles, signals = ['SIGTERM', 'SIGINT'], signal } = options
    signal?.addEventListener('abort', () => void this.close(), { once: true })
    this.#ignoreSignals ??= onSignals(signals, () => this.shutdown(options), this.#config.logger)
    this.#running ??= new Running(this.#parts, only, this.#closing.signal)
    await this.#running.start()
  }

  /**
   * Returns what `apply` would do. Changes nothing.
   *
   * @throws the errors of the services, unless `offline`
   */
  async plan(options: PlanOptions = {}): Promise<SyncPlan> {
    this.#refuseWhenClosed()
    return planSync(this.#parts, options)
  }

  /**
   * Makes everything as the configuration wants it: creates missing topics, and builds each index that is missing or
   * whose mappings, settings or documents have changed, while the application writes. After an abort or a crash the next
   * call continues. Never deletes anything.
   *
   * @throws KtError the errors of `Reindexer.ensure`
   */
  async apply(options: ApplyOptions = {}): Promise<ApplyResult> {
    this.#refuseWhenClosed()
    const { indexes, onTopic, onProgress, ...ensure } = options
    const created = await createTopics(this.#config, this.#topology.topics)
    for (const topic of created) onTopic?.(topic)
    const results = new Map<string, EnsureResult>()
    for (const { name } of indexes?.map((each) => this.#index(each)) ?? this.#config.indexes) {
      const report = onProgress && ((progress: ReindexProgress) => onProgress(name, progress))
      results.set(
        name,
        await this.reindexer(name).ensure({ ...ensure, ...(report && { onProgress: report }) }),
      )
    }
    return results
  }

  /**
   * The Reindexer of an index, for `rollback`, `generations` and `drop`.
   *
   * @throws KtError `KT_OPTION_INVALID` when no index has this alias
   */
  reindexer(alias: string): Reindexer<Model> {
    const { name } = this.#index(alias)
    const reindexer = this.#allReindexers.get(name)
    if (reindexer === undefined) throw new Error('unreachable')
    return reindexer
  }

  /**
   * A Verifier of an index, which heals through the index's own topic.
   *
   * @throws KtError `KT_OPTION_INVALID` when no index has this alias
   */
  verifier(alias: string, options: { readonly recordsPerSecond?: number } = {}): Verifier<Model> {
    const index = this.#index(alias)
    const { search, reindexer, logger, meter } = this.#config
    const topic = this.#topology.topicOf(index.model)
    return new Verifier({
      ...reindexer.verifier,
      ...options,
      index,
      client: search,
      whenCaughtUp: ({ signal }) => whenAllCaughtUp(this.#parts, { signal, aliases: [alias] }),
      heal: { producer: this.#connections.producer, topic },
      logger,
      meter,
    })
  }

  /** How all workers are, in whatever process they run. */
  async status(): Promise<SyncStatus> {
    this.#refuseWhenClosed()
    return statusOf(this.#parts)
  }

  /**
   * Looks for all that loses, delays or rejects changes. Changes nothing, and never rejects.
   *
   * @throws KtError `KT_CLOSED`
   */
  async diagnose(options: DiagnoseOptions = {}): Promise<readonly Finding[]> {
    this.#refuseWhenClosed()
    return diagnose(this.#parts, options)
  }

  /**
   * Reads the dead letters that were not put back, oldest first.
   *
   * @throws KtError `KT_OPTION_INVALID`, `KT_ABORTED`, and the errors of the consumer
   */
  async deadLetters(options: DeadLettersOptions = {}): Promise<readonly OpenDeadLetter[]> {
    this.#refuseWhenClosed()
    return readDeadLetters(this.#config, this.#topology, options)
  }

  /**
   * Puts dead letters back on their topic: those that `filter` selects, or all.
   *
   * @throws KtError as `redrive` of `@kt/indexer`
   */
  async redrive(options: Pick<RedriveOptions, 'topic' | 'filter' | 'signal'>): Promise<RedriveResult> {
    this.#refuseWhenClosed()
    const { consumer, producer } = this.#connections
    const { logger, meter } = this.#config
    return redrive({ ...options, consumer, producer, logger, meter })
  }

  /**
   * Resolves when all documents show all changes that are committed now. Works in any process. Doesn't wait for delay
   * messages, which repeat what has happened.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_GENERATION_MISSING` when an index doesn't exist
   */
  async whenCaughtUp(options: Omit<CatchUpOptions, 'ends'> = {}): Promise<void> {
    await this.#streamer?.flush()
    await whenAllCaughtUp(this.#parts, options)
  }

  /**
   * Resolves when the changes of a token of `updateStreamer.token()` are in an index, so that a search shows what was
   * just written.
   *
   * @throws KtError `KT_TOKEN_INVALID`, `KT_OPTION_INVALID`, `KT_ABORTED`, `KT_GENERATION_MISSING`
   */
  waitForIndexed(token: string, alias: string, options: WaitOptions = {}): Promise<IndexedOutcome> {
    const { name } = this.#index(alias)
    return this.#monitors.waitForIndexed(token, this.reindexer(name), name, options)
  }

  /** Why this process isn't ready; empty if it is, or if it runs no workers. */
  get problems(): readonly HealthProblem[] {
    return this.#running?.problems ?? []
  }

  /**
   * Whether the workers of this process are members of their consumer groups, their indexes take writes, and they make
   * progress. Ask it before a deployment goes on.
   */
  isReady(): boolean {
    return !this.#closing.signal.aborted && this.#running !== undefined && this.#running.isReady()
  }

  /** Whether this process is of any use: restart it if not. It is, until it is closed: outages end by themselves. */
  isLive(): boolean {
    return !this.#closing.signal.aborted
  }

  /**
   * Sends what is pending, finishes and commits the current batches, and leaves the consumer groups. Later writes of
   * streamed models reject. The database and the search client stay open: they are yours. Idempotent.
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  /**
   * Ends a whole process in the right order: drains its HTTP servers, closes this, then the database and the search
   * client. Idempotent.
   */
  async shutdown({ servers = [], drainMs = 10_000 }: ShutdownOptions = {}): Promise<void> {
    await Promise.all(servers.map((server) => drainServer(server, drainMs)))
    await this.close()
    const { sequelize, search } = this.#config
    await Promise.allSettled([sequelize.close(), closeClient(search)])
  }

  /**
   * Shuts the process down at SIGTERM and SIGINT, for processes that only stream. `run` does it, too.
   *
   * @returns a function that stops that
   */
  shutdownOnSignals(
    options: ShutdownOptions & { readonly signals?: readonly NodeJS.Signals[] } = {},
  ): () => void {
    const { signals = ['SIGTERM', 'SIGINT'], ...shutdown } = options
    return (this.#ignoreSignals ??= onSignals(signals, () => this.shutdown(shutdown), this.#config.logger))
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    this.#ignoreSignals?.()
    await this.#streamer?.close()
    await this.#running?.close()
    await Promise.all(Array.from(this.#reindexers?.values() ?? [], (each) => each.close()))
    await this.#monitors.close()
    await this.#connections.close()
  }

  get #parts() {
    return {
      config: this.#config,
      topology: this.#topology,
      connections: this.#connections,
      consumer: this.#connections.consumer,
      producer: this.#connections.producer,
      reindexers: this.#allReindexers,
    }
  }

  get #allReindexers(): ReadonlyMap<string, Reindexer<Model>> {
    return (this.#reindexers ??= new Map(
      this.#config.indexes.map((index) => [index.name, this.#newReindexer(index)]),
    ))
  }

  #newReindexer(index: ConfiguredIndex): Reindexer<Model> {
    const { previous, search, reindexer, logger, meter } = this.#config
    const cascading = this.#topology.cascades.filter(({ alias }) => alias === index.name)
    return new Reindexer({
      ...reindexer,
      index,
      previous: previous.filter(({ name }) => name === index.name),
      client: search,
      consumer: this.#connections.consumer,
      producer: this.#connections.producer,
      topic: this.#topology.topicOf(index.model),
      versions: this.#connections.tickets,
      whenCascaded: ({ signal }) => whenCascaded(this.#connections, cascading, { signal }),
      logger,
      meter,
    })
  }

  /** @throws KtError `KT_OPTION_INVALID` */
  #index(alias: string): ConfiguredIndex {
    const index = this.#config.indexes.find(({ name }) => name === alias)
    if (index !== undefined) return index
    const names = this.#config.indexes.map(({ name }) => `"${name}"`).join(', ')
    throw new KtError('KT_OPTION_INVALID', `No index is named "${alias}". There are ${names || 'none'}`, {
      retryable: false,
    })
  }

  /** @throws KtError `KT_CLOSED` */
  #refuseWhenClosed(): void {
    if (this.#closing.signal.aborted)
      throw new KtError('KT_CLOSED', 'This Sync was closed', { retryable: false })
  }
}

/** OpenSearch's client may be closed twice only in newer versions. */
async function closeClient(client: object): Promise<void> {
  await (client as { close?: () => unknown }).close?.()
}

/**
 * Composes everything that a configuration describes. Does no I/O.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function createSync(config: SyncConfig): Sync {
  return new Sync(config)
}
