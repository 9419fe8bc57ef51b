import { sleep } from '@kt/core/internal'
import { Pool as Database } from 'pg'
import { createTestScope, waitFor } from 'testkit'
import type { TestScope } from 'testkit'
import type { Write } from '../writes/write.ts'
import { readDocuments, readRows } from './contents.ts'
import type { Contents } from './contents.ts'
import { differences } from './differences.ts'
import type { Difference } from './differences.ts'
import { GroupLag } from './group-lag.ts'
import { prepare } from './prepare.ts'
import type { PrepareOptions } from './prepare.ts'
import type { RolePool } from './role-pool.ts'
import { CutOff } from './role-process.ts'
import type { RoleProcess } from './role-process.ts'
import { roleNames } from './settings.ts'
import type { RoleName, WorldSettings } from './settings.ts'

export interface WorldOptions extends PrepareOptions {
  readonly pool: RolePool
}

/** The result of a write. */
export type WriteOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'rejected'; readonly reason: string }
  /** The writer was killed, so it is unknown whether the write was committed. */
  | { readonly kind: 'cut off' }

/** How long the recovery took. */
export interface Convergence {
  /** Until the missing processes were replaced and had joined their groups. */
  readonly restartMs: number
  /** From then on until nothing was left to do. */
  readonly convergeMs: number
}

/** How long a rejected write is retried. */
const writePatienceMs = 30_000

/** A database, its indexes and the four processes that keep them in sync. Each process can be killed. */
export class World implements AsyncDisposable {
  readonly settings: WorldSettings
  readonly #scope: TestScope
  readonly #pool: RolePool
  readonly #database: Database
  readonly #lag: GroupLag
  readonly #roles = new Map<RoleName, RoleProcess>()
  readonly #guests: RoleProcess[] = []

  private constructor(scope: TestScope, pool: RolePool, settings: WorldSettings, database: Database) {
    this.#scope = scope
    this.#pool = pool
    this.settings = settings
    this.#database = database
    this.#lag = new GroupLag(scope.brokers)
  }

  /** Opens a world in which every role is running and no data exist. */
  static async open(options: WorldOptions): Promise<World> {
    const scope = await createTestScope('crash-lab')
    const settings = await prepare(scope, options)
    const database = new Database({ connectionString: scope.databaseUrl, max: 1 })
    // When the database goes away, the lost connection shows in the next query, if at all.
    database.on('error', () => undefined)
    const world = new World(scope, options.pool, settings, database)
    try {
      await world.restart()
      return world
    } catch (error) {
      await world.close()
      throw error
    }
  }

  role(name: RoleName): RoleProcess {
    const process = this.#roles.get(name)
    if (process === undefined) throw new Error(`There is no ${name}`)
    return process
  }

  /** Replaces every missing process. Resolves when all are running. */
  async restart(): Promise<void> {
    const gone = roleNames.filter((name) => this.#roles.get(name)?.hasEnded ?? true)
    await Promise.all(gone.map((name) => this.#start(name)))
  }

  /** Gives a role to a process that is not from the pool, and kills its previous process. */
  async recast(role: RoleName, process: RoleProcess): Promise<void> {
    await this.#roles.get(role)?.kill()
    await process.loaded
    await this.#assign(role, process)
  }

  /** Adds a second process for a role, until the world is closed. */
  async admit(role: RoleName): Promise<RoleProcess> {
    const guest = await this.#pool.take()
    this.#guests.push(guest)
    await guest.ask({ type: 'start', role, settings: this.settings })
    return guest
  }

  /** The address without proxies. */
  get elasticsearch(): TestScope['elasticsearch'] {
    return this.#scope.elasticsearch
  }

  /** Makes the writer write. Never rejects. */
  async write(write: Write): Promise<WriteOutcome> {
    try {
      await this.role('writer').ask({ type: 'write', write })
      return { kind: 'done' }
    } catch (error) {
      if (error instanceof CutOff) return { kind: 'cut off' }
      return { kind: 'rejected', reason: error instanceof Error ? error.message : String(error) }
    }
  }

  /**
   * Makes the writer write, and retries a rejected write as an application does when Kafka is briefly slow.
   *
   * @throws Error when it is still rejected after half a minute
   */
  async writeSurely(write: Write): Promise<'done' | 'cut off'> {
    const giveUpAtMs = performance.now() + writePatienceMs
    for (;;) {
      const outcome = await this.write(write)
      if (outcome.kind !== 'rejected') return outcome.kind
      if (performance.now() > giveUpAtMs) throw new Error(`The write was rejected: ${outcome.reason}`)
      await sleep(200)
    }
  }

  /** Returns every row in the form of its expected document. */
  rows(): Promise<Contents> {
    return readRows(this.#database)
  }

  /** Returns every document that currently differs from its row. */
  async differences(): Promise<Difference[]> {
    const documents = await readDocuments(this.#scope.elasticsearch, this.settings.indexes)
    return differences(await this.rows(), documents)
  }

  /**
   * Replaces missing processes, and waits until no delay message is pending and no message is unread.
   *
   * @throws Error when that takes longer than `timeoutMs`
   */
  async converge(timeoutMs = 60_000): Promise<Convergence> {
    const startedAt = performance.now()
    await this.restart()
    const restartedAt = performance.now()
    await this.role('writer').ask({ type: 'flush' })
    await this.#whenSettled(timeoutMs)
    return { restartMs: restartedAt - startedAt, convergeMs: performance.now() - restartedAt }
  }

  /** Resolves when all instant messages are indexed. Delay messages may still be pending. */
  async settleInstants(): Promise<void> {
    await this.role('writer').ask({ type: 'flush' })
    await this.#whenWorked(60_000)
  }

  /** The end of every role's output. */
  get logs(): string {
    const logs = [...this.#roles].filter(([, { log }]) => log !== '')
    return logs.map(([name, { log }]) => `${name}: ${log}`).join('\n')
  }

  async close(): Promise<void> {
    await Promise.all([...this.#roles.values(), ...this.#guests].map((each) => each.kill()))
    await this.#lag[Symbol.asyncDispose]()
    await this.#database.end()
    await this.#scope.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #start(role: RoleName): Promise<void> {
    await this.#assign(role, await this.#pool.take())
  }

  async #assign(role: RoleName, process: RoleProcess): Promise<void> {
    this.#roles.set(role, process)
    await process.ask({ type: 'start', role, settings: this.settings })
  }

  /** In the order in which messages flow, so that a group that has caught up gets no more from those before it. */
  async #whenSettled(timeoutMs: number): Promise<void> {
    const { groups, topics } = this.settings
    await this.#whenCaughtUp(groups.delayer, topics.delay, timeoutMs)
    await this.#whenWorked(timeoutMs)
  }

  async #whenWorked(timeoutMs: number): Promise<void> {
    const { groups, topics } = this.settings
    await this.#whenCaughtUp(groups.citiesOfCountries, topics.countries, timeoutMs)
    await this.#whenCaughtUp(groups.lane, topics.lane, timeoutMs)
    await this.#whenCaughtUp(groups.countriesOfCities, topics.cities, timeoutMs)
    await this.#whenCaughtUp(groups.cityIndexer, topics.cities, timeoutMs)
    await this.#whenCaughtUp(groups.countryIndexer, topics.countries, timeoutMs)
  }

  async #whenCaughtUp(group: string, topic: string, timeoutMs: number): Promise<void> {
    const what = `That "${group}" has caught up with "${topic}"`
    await waitFor(async () => (await this.#lag.of(group, topic)) === 0, { timeoutMs, intervalMs: 50, what })
  }
}
