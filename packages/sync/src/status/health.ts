import { errorFields } from '@kt/core'
import { sleep } from '@kt/core/internal'
import { checkFrame } from '@kt/verifier'
import type { FrameProblem } from '@kt/verifier'
import type { Connections } from '../connections.ts'
import { fixedGroups, indexerGroups } from '../groups.ts'
import type { GroupParts, SyncGroup } from '../groups.ts'
import type { ResolvedConfig } from '../config/resolve-config.ts'
import type { Role } from '../workers/roles.ts'

export interface HealthParts extends GroupParts {
  readonly config: ResolvedConfig
  readonly connections: Connections
}

/** Something that keeps this process from being ready. */
export interface HealthProblem {
  /** The index, group or worker. */
  readonly subject: string
  /** What is wrong, and what to do. */
  readonly message: string
}

/** How often the services are asked. */
const everyMs = 5_000
/** So long messages may wait while nothing is committed. */
const stuckMs = 60_000

const blocking: ReadonlySet<FrameProblem['code']> = new Set([
  'index-missing',
  'index-closed',
  'index-read-only',
  'alias-ambiguous',
])

interface Progress {
  readonly position: bigint
  readonly sinceMs: number
}

/** Finds out, again and again, whether the workers of this process do their work. */
export class Health {
  readonly #parts: HealthParts
  readonly #roles: ReadonlySet<Role>
  readonly #progress = new Map<string, Progress>()
  #problems: readonly HealthProblem[] = []

  constructor(parts: HealthParts, only: readonly Role[]) {
    this.#parts = parts
    this.#roles = new Set(only)
  }

  /** What was wrong at the last look. */
  get problems(): readonly HealthProblem[] {
    return this.#problems
  }

  /** Looks until the signal fires. What fails is tried again: an outage of a service is no reason to restart workers. */
  async watch(signal: AbortSignal): Promise<void> {
    const { logger } = this.#parts.config
    for (; !signal.aborted; await sleep(everyMs, signal)) {
      try {
        this.#note(await this.#look())
      } catch (error) {
        if (!signal.aborted) logger.debug('The health could not be determined', errorFields(error))
      }
    }
  }

  async #look(): Promise<readonly HealthProblem[]> {
    const indexes = this.#roles.has('indexer') ? await this.#indexProblems() : []
    const indexers = this.#roles.has('indexer') ? await indexerGroups(this.#parts) : []
    const groups = [...indexers, ...fixedGroups(this.#parts.topology)].filter(({ role }) =>
      this.#roles.has(role),
    )
    const stuck = await Promise.all(groups.map((group) => this.#stuck(group)))
    return [...indexes, ...stuck.flat()]
  }

  async #indexProblems(): Promise<readonly HealthProblem[]> {
    const { indexes, search } = this.#parts.config
    const found = await Promise.all(indexes.map(({ name }) => checkFrame({ client: search, index: name })))
    return found.flat().filter(({ code }) => blocking.has(code))
  }

  /** Whether messages wait, and nothing was committed for long. */
  async #stuck({ name, topic, role }: SyncGroup): Promise<readonly HealthProblem[]> {
    const { connections, config } = this.#parts
    const monitor = connections.monitor(topic, name)
    const position = await monitor.position()
    const before = this.#progress.get(name)
    const now = performance.now()
    if (before === undefined || before.position !== position) {
      this.#progress.set(name, { position, sinceMs: now })
      return []
    }
    if (now - before.sinceMs < stuckMs) return []
    const ageMs = stuckMs + (role === 'delayer' ? config.delayMs : 0)
    if (!(await monitor.isBehind({ ageMs }))) return []
    const seconds = Math.round((now - before.sinceMs) / 1_000)
    return [
      {
        subject: `${name} of ${topic}`,
        message: `Messages wait, and none was handled for ${seconds} s: see the log of the workers`,
      },
    ]
  }

  #note(found: readonly HealthProblem[]): void {
    const { logger } = this.#parts.config
    const before = new Set(this.#problems.map(({ subject }) => subject))
    const now = new Set(found.map(({ subject }) => subject))
    this.#problems = found
    for (const { subject, message } of found) if (!before.has(subject)) logger.error(message, { subject })
    for (const subject of before) if (!now.has(subject)) logger.info('A problem is solved', { subject })
  }
}
