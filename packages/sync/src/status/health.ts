import { errorFields, KtError } from '@kt/core'
import { defaultDelayMs, sleep } from '@kt/core/internal'
import { checkFrame } from '@kt/verifier'
import type { FrameProblem } from '@kt/verifier'
import { fixedGroups, indexerGroups } from '../groups.ts'
import type { SyncGroup } from '../groups.ts'
import { indexMissing } from '../index-missing.ts'
import type { SyncParts } from '../parts.ts'
import type { Role } from '../workers/roles.ts'
import { answerOf } from './services.ts'
import type { Service } from './services.ts'

/** Something that keeps this process from being ready. */
export interface HealthProblem {
  /** The index, group or worker. */
  readonly subject: string
  /** What is wrong, and what to do. */
  readonly message: string
}

/** How often the services are asked. */
const everyMs = 5_000
/** So long messages of a partition may wait while nothing is committed. */
const stuckMs = 60_000

const blocking: ReadonlySet<FrameProblem['code']> = new Set([
  'index-missing',
  'index-closed',
  'index-read-only',
  'alias-ambiguous',
  'unknown',
])

interface Progress {
  readonly committed: bigint
  readonly sinceMs: number
}

/** Checks again and again whether the workers of this process can do their work, and do it. */
export class Health {
  readonly #parts: SyncParts
  readonly #roles: ReadonlySet<Role>
  /** By group, topic and partition. */
  #progress: ReadonlyMap<string, Progress> = new Map()
  #problems: readonly HealthProblem[] = [{ subject: 'services', message: 'They have not been asked yet' }]

  constructor(parts: SyncParts, only: readonly Role[]) {
    this.#parts = parts
    this.#roles = new Set(only)
  }

  /** What was wrong at the last check. */
  get problems(): readonly HealthProblem[] {
    return this.#problems
  }

  /** Checks until the signal fires. */
  async watch(signal: AbortSignal): Promise<void> {
    for (; !signal.aborted; await sleep(everyMs, signal)) {
      const found = await this.#check()
      if (!signal.aborted) this.#note(found)
    }
  }

  async #check(): Promise<readonly HealthProblem[]> {
    const isIndexer = this.#roles.has('indexer')
    const { indexes } = this.#parts.config
    const [ofDatabase, ofIndexes, indexers] = await Promise.all([
      // A Delayer works without it.
      this.#roles.size === 1 && this.#roles.has('delayer')
        ? []
        : guarded('database', 'database', () => this.#databaseProblems()),
      isIndexer
        ? Promise.all(
            indexes.map(({ name }) => guarded(name, 'search engine', () => this.#indexProblems(name))),
          )
        : [],
      // A failure is reported with the indexes.
      isIndexer ? answerOf('search engine', () => indexerGroups(this.#parts)).catch(() => []) : [],
    ])
    const groups = [...indexers, ...fixedGroups(this.#parts.topology)].filter(({ role }) =>
      this.#roles.has(role),
    )
    const progress = new Map<string, Progress>()
    const stuck = groups.map((group) =>
      guarded(subjectOf(group), 'Kafka', () => this.#stuck(group, progress)),
    )
    const ofGroups = await Promise.all(stuck)
    this.#progress = progress
    return [...ofDatabase, ...ofIndexes, ...ofGroups].flat()
  }

  async #databaseProblems(): Promise<readonly HealthProblem[]> {
    await this.#parts.config.sequelize.authenticate({ logging: false })
    return []
  }

  async #indexProblems(alias: string): Promise<readonly HealthProblem[]> {
    const found = await checkFrame({ client: this.#parts.config.search, index: alias })
    const blocked = found.filter(({ code }) => blocking.has(code))
    if (blocked.length > 0) return blocked
    // Something may have the name that no worker of this configuration keeps up to date.
    const generations = await this.#parts.reindexer(alias).generations()
    if (generations.some(({ isActive }) => isActive)) return []
    return [{ subject: alias, message: indexMissing(alias).message }]
  }

  /** Whether messages of a partition wait, and none was committed for long. */
  async #stuck(group: SyncGroup, progress: Map<string, Progress>): Promise<readonly HealthProblem[]> {
    const { name, topic, role } = group
    const { connections, config } = this.#parts
    // Delay messages may rely on the default, whatever this Delayer's delay is.
    const mayWaitMs = stuckMs + (role === 'delayer' ? Math.max(config.delayMs, defaultDelayMs) : 0)
    const now = performance.now()
    const stuck: number[] = []
    for (const { partition, committed, lag } of await connections.monitor(topic, name).partitions()) {
      const key = JSON.stringify([name, topic, partition])
      const before = this.#progress.get(key)
      const isSame = before?.committed === committed && lag > 0n
      const sinceMs = isSame ? before.sinceMs : now
      progress.set(key, { committed, sinceMs })
      if (now - sinceMs > mayWaitMs) stuck.push(partition)
    }
    if (stuck.length === 0) return []
    const message = `Messages of the partitions ${stuck.join(', ')} wait, and none was handled for ${mayWaitMs / 1_000} s: see the log of the workers`
    return [{ subject: subjectOf(group), message }]
  }

  #note(found: readonly HealthProblem[]): void {
    const { logger } = this.#parts.config
    const before = new Set(this.#problems.map(({ subject }) => subject))
    const now = new Set(found.map(({ subject }) => subject))
    this.#problems = found
    for (const { subject, message } of found) if (!before.has(subject)) logger.error(message, { subject })
    for (const subject of before)
      if (!now.has(subject) && subject !== 'services') logger.info('A problem is solved', { subject })
  }
}

async function guarded(
  subject: string,
  service: Service,
  check: () => Promise<readonly HealthProblem[]>,
): Promise<readonly HealthProblem[]> {
  try {
    return await answerOf(service, check)
  } catch (error) {
    if (KtError.isInstance(error, 'KT_SERVICE_AWAY')) return [{ subject, message: error.message }]
    const { code, type } = errorFields(error) as { readonly code?: string; readonly type?: string }
    const reason = code ?? type ?? 'the service did not answer'
    return [
      { subject, message: `It could not be checked (${reason}): see whether the services can be reached` },
    ]
  }
}

function subjectOf({ name, topic }: SyncGroup): string {
  return `${name} of ${topic}`
}
