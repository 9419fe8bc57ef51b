import { Health } from '../status/health.ts'
import type { HealthParts, HealthProblem } from '../status/health.ts'
import { reportGauges } from '../status/gauges.ts'
import { createTopics } from '../topics.ts'
import { createWorkers } from './create-workers.ts'
import type { WorkerParts } from './create-workers.ts'
import type { Role, Worker } from './roles.ts'
import { untilStarted } from './start-worker.ts'

/** The workers that run in this process. */
export class Running {
  readonly #parts: WorkerParts & HealthParts
  readonly #workers: readonly Worker[]
  readonly #health: Health
  readonly #ending = new AbortController()
  readonly #signal: AbortSignal
  #starting: Promise<void> | undefined
  #watching: Promise<unknown> | undefined

  constructor(parts: WorkerParts & HealthParts, only: readonly Role[], signal: AbortSignal) {
    this.#parts = parts
    this.#signal = AbortSignal.any([signal, this.#ending.signal])
    this.#workers = createWorkers(parts, only)
    this.#health = new Health(parts, only)
  }

  /** Resolves once all workers have joined. Repeated calls wait for the same start. */
  start(): Promise<void> {
    return (this.#starting ??= this.#start())
  }

  isReady(): boolean {
    return this.#workers.every((each) => each.isReady()) && this.#health.problems.length === 0
  }

  get problems(): readonly HealthProblem[] {
    const away = this.#workers.filter((each) => !each.isReady())
    return [
      ...away.map(({ role, name }) => ({
        subject: name,
        message: `This ${role} is not a member of its consumer group yet, or waits for something: see the log`,
      })),
      ...this.#health.problems,
    ]
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await Promise.all(this.#workers.map((each) => each.close()))
    await Promise.allSettled([this.#starting, this.#watching])
  }

  async #start(): Promise<void> {
    const { config, topology } = this.#parts
    const options = { logger: config.logger, signal: this.#signal }
    await untilStarted('The creation of missing topics', () => createTopics(config, topology.topics), options)
    this.#watching = Promise.all([
      this.#health.watch(this.#signal),
      reportGauges(this.#parts, this.#workers, this.#signal),
    ])
    const starting = this.#workers.map((worker) =>
      untilStarted(`The ${worker.role} ${worker.name}`, () => worker.run({ signal: this.#signal }), options),
    )
    try {
      await Promise.all(starting)
    } catch (error) {
      this.#ending.abort()
      throw error
    }
  }
}
