import { setTimeout } from 'node:timers/promises'
import { GroupMonitor } from '@kt/consumer'
import { silentLogger } from '@kt/core'
import { Verifier } from '@kt/verifier'
import type { VerifyReport } from '@kt/verifier'
import { Random } from '../writes/random.ts'
import { Child } from './child.ts'
import type { ChildOptions } from './child.ts'
import type { Lab } from './lab.ts'
import type { ReindexRole } from './protocol.ts'

export interface RoundResult {
  readonly version: number
  /** Which process was killed, and when. */
  readonly killed: string
  readonly atSwitch: VerifyReport
  readonly atRollback: VerifyReport
}

const phases = ['waiting', 'filling', 'catching-up', 'comparing', 'switching'] as const
const longestWaitMs = 400

/** The processes that run all the time. */
export class Crew {
  readonly #lab: Lab
  readonly #seed: number
  #version: number
  #worker: Child
  #writer: Child
  #written = 0
  #writers = 0

  constructor(lab: Lab, seed: number, version: number) {
    this.#lab = lab
    this.#seed = seed
    this.#version = version
    this.#worker = this.start('worker')
    this.#writer = this.start('writer')
  }

  get written(): number {
    return this.#written
  }

  start(role: ReindexRole, onReport?: ChildOptions['onReport']): Child {
    return new Child(role, {
      settings: this.#lab.settings,
      version: this.#version,
      seed: this.#seed + ++this.#writers,
      onReport: (report) => {
        if (report.type === 'written') this.#written += report.count
        onReport?.(report)
      },
    })
  }

  /** Replaces the worker by one of the next release. */
  async release(version: number): Promise<void> {
    this.#version = version
    await this.kill('worker')
    await this.#worker.reports(({ type }) => type === 'started')
  }

  async kill(role: 'worker' | 'writer'): Promise<void> {
    if (role === 'worker') {
      await this.#worker.kill()
      this.#worker = this.start('worker')
    } else {
      await this.#writer.kill()
      this.#writer = this.start('writer')
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#worker.kill(), this.#writer.kill()])
  }
}

/** Builds the next version of the index while a process is killed, and compares; then goes back, and compares again. */
export async function runRound(lab: Lab, crew: Crew, version: number, seed: number): Promise<RoundResult> {
  const random = new Random(seed)
  await crew.release(version)
  const killed = await buildUnderFire(crew, random)
  const atSwitch = await compare(lab, version)
  const reindexer = lab.reindexer(version)
  try {
    await reindexer.rollback()
    const atRollback = await compare(lab, version - 1)
    await reindexer.ensure()
    await reindexer.drop()
    return { version, killed, atSwitch, atRollback }
  } finally {
    await reindexer.close()
  }
}

async function buildUnderFire(crew: Crew, random: Random): Promise<string> {
  const phase = random.pick(phases)
  const victim = random.pick<ReindexRole>(['ensure', 'ensure', 'worker', 'writer'])
  let isDone = false
  const start = (): Child => crew.start('ensure', ({ type }) => (isDone ||= type === 'ensured'))
  let ensuring = start()
  if (phase !== 'waiting') await ensuring.reports((each) => each.type === 'step' && each.step === phase)
  await setTimeout(random.between(0, longestWaitMs))
  if (victim !== 'ensure') await crew.kill(victim)
  else {
    await ensuring.kill()
    if (!isDone) ensuring = start()
  }
  await ensuring.reports(({ type }) => type === 'ensured' || type === 'failed')
  if (!isDone) throw new Error(`ensure() failed: ${ensuring.log}`)
  return `${victim} while ${phase}`
}

/** Compares the searched index with the database while records change. */
export async function compare(lab: Lab, version: number): Promise<VerifyReport> {
  const index = lab.index(version)
  const { client, settings } = lab
  const active = (await lab.reindexer(version).generations()).find(({ isActive }) => isActive)
  if (active?.state.version !== version) throw new Error(`The alias does not point to version ${version}`)
  await using monitor = new GroupMonitor({ kafka: lab.kafka(), topic: settings.topic, name: active.group })
  const verifier = new Verifier({
    index,
    client,
    whenCaughtUp: async ({ signal }) => {
      await lab.whenDelayed(signal)
      await monitor.whenCaughtUp({ signal, timeoutMs: 120_000 })
    },
    logger: silentLogger,
  })
  return await verifier.verify()
}
