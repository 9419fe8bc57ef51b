import { within } from '@kt/core/internal'
import { KtError } from '@kt/core'
import type { SyncParts } from '../parts.ts'
import { reportGauges } from '../status/gauges.ts'
import { Health } from '../status/health.ts'
import type { HealthProblem } from '../status/health.ts'
import { createTopics } from '../topics.ts'
import { createWorkers } from './create-workers.ts'
import type { Role, Worker } from './roles.ts'
import { untilStarted } from './start-worker.ts'

/** Requests to a service that is away can't be aborted, and nothing depends on their end. */
const patienceMs = 2_000

/** The workers that run in this process. */
export class Running {
  readonly roles: readonly Role[]
  readonly #parts: SyncParts
  readonly #workers: readonly Worker[]
  readonly #health: Health
  readonly #ending = new AbortController()
  readonly #signal: AbortSignal
  #starting: Promise<void> | undefined
  #watching: Promise<unknown> | undefined

  /** @throws KtError `KT_OPTION_INVALID` */
  constructor(parts: SyncParts, only: readonly Role[], signal: AbortSignal) {
    this.roles = only
    this.#parts = parts
    this.#signal = AbortSignal.any([signal, this.#ending.signal])
    this.#workers = createWorkers(parts, only)
    this.#health = new Health(parts, only)
  }

  /** Resolves once all workers have joined. Repeated calls wait for the same start; after a failure it begins again. */
  async start(): Promise<void> {
    const starting = (this.#starting ??= this.#start())
    try {
      await starting
    } catch (error) {
      if (this.#starting === starting) this.#starting = undefined
      throw error
    }
  }

  isReady(): boolean {
    return this.problems.length === 0
  }

  get problems(): readonly HealthProblem[] {
    const waiting = this.#workers.filter((each) => !each.isReady())
    return [
      ...waiting.map(({ role, name }) => ({
        subject: name,
        message:
          role === 'indexer'
            ? 'This worker is not a member of the consumer group yet, or the index that has the alias is of another release, which it does not know: see the log'
            : `This worker (${role}) is not a member of its consumer group yet, or waits for something: see the log`,
      })),
      ...(this.#parts.config.memory === undefined ? this.#health.problems : []),
    ]
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#workers.map((each) => each.close()))
    const ended = Promise.allSettled([this.#starting, this.#watching])
    const late = (): KtError => new KtError('KT_CLOSED', 'A service did not answer', { retryable: false })
    await within(patienceMs, ended, late).catch(() => undefined)
  }

  async #start(): Promise<void> {
    const { config, topology } = this.#parts
    const options = { logger: config.logger, signal: this.#signal }
    if (config.memory === undefined) {
      await untilStarted(
        'The creation of missing topics',
        () => createTopics(config, topology.topics),
        options,
      )
      this.#watching ??= Promise.all([
        this.#health.watch(this.#signal),
        reportGauges(this.#parts, () => this.#readiness(), this.#signal),
      ])
    }
    await Promise.all(
      this.#workers.map((worker) =>
        untilStarted(
          `The ${worker.role} ${worker.name}`,
          () => worker.run({ signal: this.#signal }),
          options,
        ),
      ),
    )
  }

  #readiness(): ReadonlyMap<string, boolean> {
    const isHealthy = this.#health.problems.length === 0
    return new Map(
      this.#workers.map((worker) => [`${worker.role} ${worker.name}`, isHealthy && worker.isReady()]),
    )
  }
}
