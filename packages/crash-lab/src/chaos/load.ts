import { sleep } from '@kt/core/internal'
import type { World } from '../harness/world.ts'
import { timely } from '../matrix/timely.ts'
import { randomPaths } from '../random/plan.ts'
import { Random } from '../writes/random.ts'
import { rejectionOf } from './rejections.ts'

export interface LoadOptions {
  readonly seed: number
  /** The pace is lower when the writer can't keep up. */
  readonly writesPerSecond: number
  /** Less than the writer's number of connections, so that no write waits for one. */
  readonly mostAtOnce: number
}

/** Results of the writes. */
export interface LoadCounts {
  readonly done: number
  /** Grouped by reason. Excludes rejections that the write itself caused. */
  readonly rejected: ReadonlyMap<string, number>
  /** The writer was killed during these writes. */
  readonly cutOff: number
}

/** Upper limit for any single write. A write that takes longer is considered hung. */
const patienceMs = 60_000

/** Makes writes of all kinds at a steady pace, some of them concurrently. */
export class Load {
  readonly #world: World
  readonly #options: LoadOptions
  readonly #random: Random
  readonly #stopped = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  readonly #rejected = new Map<string, number>()
  #bases: readonly number[]
  #done = 0
  #cutOff = 0
  #running: Promise<void> | undefined

  constructor(world: World, bases: readonly number[], options: LoadOptions) {
    this.#world = world
    this.#bases = bases
    this.#options = options
    this.#random = new Random(options.seed)
  }

  get counts(): LoadCounts {
    return { done: this.#done, rejected: new Map(this.#rejected), cutOff: this.#cutOff }
  }

  start(): void {
    this.#running ??= this.#run()
  }

  /** Switches to the rows of other blocks. Resolves when all writes to the previous blocks have ended. */
  async moveTo(bases: readonly number[]): Promise<void> {
    this.#bases = bases
    await this.#settle()
  }

  /** Resolves when the last write has ended. Idempotent. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    await this.#running
    await this.#settle()
  }

  async #run(): Promise<void> {
    const { writesPerSecond, mostAtOnce } = this.#options
    while (!this.#stopped.signal.aborted) {
      const isIdle = this.#underWay.size < mostAtOnce
      if (isIdle && !this.#world.role('writer').hasEnded) this.#begin()
      await sleep(1_000 / writesPerSecond, this.#stopped.signal)
    }
  }

  #begin(): void {
    const base = this.#random.pick(this.#bases)
    const writing = this.#write(base).finally(() => this.#underWay.delete(writing))
    this.#underWay.add(writing)
  }

  async #write(base: number): Promise<void> {
    const path = this.#random.pick(randomPaths)
    const outcome = await this.#world.write({ path, base, seed: this.#random.seed() })
    if (outcome.kind === 'done') this.#done += 1
    if (outcome.kind === 'cut off') this.#cutOff += 1
    const reason = outcome.kind === 'rejected' ? rejectionOf(outcome.reason) : undefined
    if (reason !== undefined) this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1)
  }

  async #settle(): Promise<void> {
    const writing = Promise.all(this.#underWay)
    await timely(writing, patienceMs, `${this.#underWay.size} writes did not end`)
  }
}
