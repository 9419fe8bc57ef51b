import { KtError } from '@kt/core'
import { within } from '@kt/core/internal'
import type { CatchUpOptions } from '@kt/core'
import type { IndexedOutcome, WaitForIndexedOptions } from '@kt/consumer'
import { redrive } from '@kt/indexer'
import type { RedriveOptions, RedriveResult } from '@kt/indexer'
import type { Reindexer } from '@kt/reindexer'
import { updateStream } from '@kt/sequelize-stream'
import type { UpdateStreamer } from '@kt/sequelize-stream'
import type { Verifier } from '@kt/verifier'
import type { Model } from 'sequelize'
import { apply } from './apply.ts'
import type { ApplyOptions, ApplyResult } from './apply.ts'
import type { SyncConfig } from './config/config.ts'
import { resolveConfig } from './config/resolve-config.ts'
import type { Topology } from './config/topology.ts'
import { lettersOf, readDeadLetters } from './dead-letters.ts'
import type { DeadLettersOptions, OpenDeadLetter } from './dead-letters.ts'
import { diagnose } from './doctor/diagnose.ts'
import type { DiagnoseOptions } from './doctor/diagnose.ts'
import type { Finding } from './doctor/finding.ts'
import { LazyParts } from './lazy-parts.ts'
import { planSync } from './plan.ts'
import type { PlanOptions, SyncPlan } from './plan.ts'
import { Shutdown, takeSteps } from './shutdown.ts'
import type { ShutdownOptions, SignalOptions } from './shutdown.ts'
import { IndexMonitors } from './status/index-monitors.ts'
import type { HealthProblem } from './status/health.ts'
import { requireServices, services } from './status/services.ts'
import type { Service } from './status/services.ts'
import { statusOf } from './status/status.ts'
import type { SyncStatus } from './status/status.ts'
import { whenAllCaughtUp } from './when-caught-up.ts'
import { roles } from './workers/roles.ts'
import type { Role } from './workers/roles.ts'
import { Running } from './workers/running.ts'

const closeMs = 5_000

export interface SyncRunOptions extends SignalOptions {
  /**
   * The kinds of workers that run in this process.
   *
   * @defaultValue all
   */
  readonly only?: readonly Role[]
  /** Closes everything when it fires. */
  readonly signal?: AbortSignal
}

/**
 * All parts that keep search indexes in sync with a database, composed from one configuration. The application that
 * writes calls `start()`, workers call `run()`, a deployment calls `apply()`. One process may do all three.
 */
export class Sync implements AsyncDisposable {
  readonly #parts: LazyParts
  readonly #monitors: IndexMonitors
  readonly #shutdown: Shutdown
  readonly #closing = new AbortController()
  #uninstall: (() => void) | undefined
  #running: Running | undefined
  #closed: Promise<void> | undefined

  /**
   * Does no I/O.
   *
   * @throws KtError `KT_OPTION_INVALID`
   */
  constructor(config: SyncConfig) {
    this.#parts = new LazyParts(resolveConfig(config))
    this.#monitors = new IndexMonitors(this.#parts)
    this.#shutdown = new Shutdown(() => this.#closeAll(), this.#parts.config.logger)
  }

  /** All names of topics and consumer groups that follow from the configuration. */
  get topology(): Topology {
    return this.#parts.topology
  }

  /** The `UpdateStreamer` of this process, for `bulk`, `track` and `token`. */
  get updateStreamer(): UpdateStreamer {
    return this.#parts.streamer
  }

  /**
   * Streams every write of all models that the indexes read, from now on. Call it after all associations are declared,
   * before the first write. Does no I/O. Idempotent.
   *
   * @returns a function that stops streaming
   * @throws KtError `KT_OPTION_INVALID`, also when a model has no primary key or is streamed already; `KT_CLOSED`
   */
  stream(): () => void {
    const { topology, streamer: updateStreamer } = this.#open
    if (this.#uninstall !== undefined) return this.#uninstall
    const uninstalls: (() => void)[] = []
    const uninstall = (): void => {
      for (const each of uninstalls.splice(0)) each()
      this.#uninstall = undefined
    }
    try {
      for (const model of topology.models)
        uninstalls.push(updateStream(model, { updateStreamer, topic: topology.topicOf(model) }))
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
    if (this.#parts.config.outbox === undefined) await this.updateStreamer.check(options)
  }

  /**
   * Runs workers. Creates missing topics, and resolves once all workers have joined their consumer groups. Services may
   * be away at the start: it waits for them, and says so. At SIGTERM, everything is closed in order, as by `shutdown`.
   * Repeated calls wait for the same start; after a failure it begins again.
   *
   * @throws KtError `KT_OPTION_INVALID`, `KT_ABORTED`, `KT_CLOSED`, and other errors that no retry mends
   */
  async run(options: SyncRunOptions = {}): Promise<void> {
    const parts = this.#open
    const { only = roles, signal, ...signals } = options
    if (signal?.aborted === true)
      throw new KtError('KT_ABORTED', 'run was aborted before it started', { retryable: false })
    const running = this.#running ?? new Running(parts, only, this.#closing.signal)
    if (running.roles.join() !== only.join())
      throw new KtError(
        'KT_OPTION_INVALID',
        `run: this Sync runs ${running.roles.join(', ')} already. Name all roles in one call, or create another Sync`,
        { retryable: false },
      )
    this.#running = running
    signal?.addEventListener('abort', () => void this.close(), { once: true })
    this.#shutdown.onSignals(signals)
    await running.start()
  }

  /**
   * Returns what `apply` would do. Changes nothing.
   *
   * @throws KtError `KT_CLOSED`; `KT_SERVICE_AWAY` and the errors of the services, unless `offline`
   */
  async plan(options: PlanOptions = {}): Promise<SyncPlan> {
    return planSync(this.#open, options)
  }

  /**
   * Makes everything as the configuration wants it: creates missing topics and the table of the outbox, and builds each
   * index that is missing or whose mappings, settings or documents have changed, while the application writes. After an
   * abort or a crash the next call continues. Deletes nothing, unless `replaceIndex`.
   *
   * @throws KtError `KT_SERVICE_AWAY` before anything is changed; `KT_CLOSED`, and the errors of `Reindexer.ensure`
   */
  async apply(options: ApplyOptions = {}): Promise<ApplyResult> {
    return apply(this.#open, options)
  }

  /**
   * The Reindexer of an index, for `rollback`, `generations` and `drop`.
   *
   * @throws KtError `KT_OPTION_INVALID` when no index has this alias; `KT_CLOSED`
   */
  reindexer(alias: string): Reindexer<Model> {
    return this.#open.reindexer(alias)
  }

  /**
   * A Verifier of an index, which heals through the index's own topic.
   *
   * @throws KtError `KT_OPTION_INVALID` when no index has this alias; `KT_CLOSED`
   */
  verifier(alias: string, options: { readonly recordsPerSecond?: number } = {}): Verifier<Model> {
    return this.#open.verifier(alias, options)
  }

  /**
   * Resolves when the services answer, such as before something that needs them for long.
   *
   * @param names the services; all by default
   * @throws KtError `KT_SERVICE_AWAY`, naming one that doesn't within 10 seconds; `KT_CLOSED`; the error of a service that
   *   refuses to answer
   */
  async requireServices(names: readonly Service[] = services): Promise<void> {
    await requireServices(this.#open, names)
  }

  /**
   * How all workers are, in whatever process they run. Says which services are away.
   *
   * @throws KtError `KT_CLOSED`, and the error of a service that refuses to answer
   */
  async status(): Promise<SyncStatus> {
    return statusOf(this.#open)
  }

  /**
   * Looks for all that loses, delays or rejects changes. Changes nothing, but takes a read ticket.
   *
   * @throws KtError `KT_CLOSED`, and nothing else: a check that fails is a finding, too
   */
  async diagnose(options: DiagnoseOptions = {}): Promise<readonly Finding[]> {
    return diagnose(this.#open, options)
  }

  /**
   * Reads the dead letters that were not put back, oldest first.
   *
   * @throws KtError `KT_OPTION_INVALID`, `KT_ABORTED`, `KT_CLOSED`, and the errors of the consumer
   */
  async deadLetters(options: DeadLettersOptions = {}): Promise<readonly OpenDeadLetter[]> {
    const { config, topology } = this.#open
    return readDeadLetters(config, topology, options)
  }

  /**
   * Puts dead letters back on their topic: those that `filter` selects, or all.
   *
   * @throws KtError as `redrive` of `@kt/indexer`; `KT_CLOSED`
   */
  async redrive(options: Pick<RedriveOptions, 'topic' | 'filter' | 'signal'>): Promise<RedriveResult> {
    const { config, topology, connections } = this.#open
    lettersOf(topology, options.topic)
    const { consumer, producer } = connections
    return redrive({ ...options, consumer, producer, logger: config.logger, meter: config.meter })
  }

  /**
   * Resolves when all documents show all changes that are committed now. Works in any process. Doesn't wait for delay
   * messages, which repeat what has happened.
   *
   * @throws KtError `KT_CATCH_UP_TIMEOUT`, `KT_ABORTED`, `KT_CLOSED`, `KT_GENERATION_MISSING` when an index doesn't exist
   */
  async whenCaughtUp(options: Omit<CatchUpOptions, 'ends'> = {}): Promise<void> {
    const parts = this.#open
    await parts.existingStreamer?.flush()
    await whenAllCaughtUp(parts, options)
  }

  /**
   * Resolves when the changes of a token of `updateStreamer.token()` are in an index, so that a search shows what was
   * just written.
   *
   * @throws KtError `KT_TOKEN_INVALID`, `KT_OPTION_INVALID`, `KT_ABORTED`, `KT_CLOSED`, `KT_GENERATION_MISSING`
   */
  async waitForIndexed(
    token: string,
    alias: string,
    options: WaitForIndexedOptions = {},
  ): Promise<IndexedOutcome> {
    const parts = this.#open
    const { name } = parts.index(alias)
    const { memory } = parts.config
    if (memory !== undefined) {
      await memory.whenCaughtUp()
      return 'indexed'
    }
    return this.#monitors.waitForIndexed(token, name, options)
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
   * streamed models reject. The database and the search client stay open: they are yours. Idempotent; never rejects.
   */
  close(): Promise<void> {
    return (this.#closed ??= this.#close())
  }

  /**
   * Ends a whole process in the right order: drains its HTTP servers, closes this, then the database and the search
   * client. Idempotent; never rejects.
   */
  shutdown(options: ShutdownOptions = {}): Promise<void> {
    return this.#shutdown.run(options)
  }

  /**
   * Shuts the process down at SIGTERM and SIGINT. `run` does it, too. Servers of all calls are drained.
   *
   * @returns a function that stops that
   */
  shutdownOnSignals(options: SignalOptions = {}): () => void {
    return this.#shutdown.onSignals(options)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #close(): Promise<void> {
    this.#closing.abort()
    this.#shutdown.ignoreSignals()
    const { existingStreamer, existingReindexers, connections, config } = this.#parts
    await takeSteps(
      [
        ['The UpdateStreamer', () => existingStreamer?.close()],
        ['The workers', () => this.#running?.close()],
        ['The Reindexers', () => Promise.all(existingReindexers.map((each) => each.close()))],
        ['The monitors', () => this.#monitors.close()],
        ...connections.closing,
      ],
      config.logger,
    )
  }

  async #closeAll(): Promise<void> {
    const { sequelize, search, logger } = this.#parts.config
    await takeSteps(
      [
        ['The Sync', () => this.close()],
        ['The database', () => inTime(sequelize.close())],
        ['The search client', () => inTime((search as { close?: () => unknown }).close?.())],
      ],
      logger,
    )
  }

  /** @throws KtError `KT_CLOSED` */
  get #open(): LazyParts {
    if (this.#closing.signal.aborted)
      throw new KtError('KT_CLOSED', 'This Sync was closed', { retryable: false })
    return this.#parts
  }
}

/** Clients wait for their last answers, which a service that is frozen never gives. */
function inTime(closing: unknown): Promise<unknown> {
  const late = (): KtError =>
    new KtError('KT_SERVICE_AWAY', `It did not close within ${closeMs / 1_000} s`, { retryable: false })
  return within(closeMs, closing, late)
}

/**
 * Composes everything that a configuration describes. Does no I/O.
 *
 * @throws KtError `KT_OPTION_INVALID`
 */
export function createSync(config: SyncConfig): Sync {
  return new Sync(config)
}
